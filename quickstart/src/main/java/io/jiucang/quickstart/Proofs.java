package io.jiucang.quickstart;

import io.jiucang.events.value.TokenId;
import io.jiucang.ledger.Entry;
import io.jiucang.ledger.ProofBundle;
import io.jiucang.ledger.TlogProof;
import io.jiucang.ledger.VerifierKey;
import io.jiucang.ledger.cli.Verify;
import io.jiucang.quickstart.audit.Audit;
import io.jiucang.quickstart.audit.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** What is left when the story is over: proofs for those who trust nobody, and no trace of where anybody lives. */
final class Proofs {

    /** Every start tells of it. */
    private static final String IN_EVERY_LOG = "SpringApplication";

    private final Story story;
    private final Console console;

    Proofs(Story story) {
        this.story = story;
        this.console = story.console();
    }

    /** @throws IllegalStateException for the first thing that cannot be proven */
    void prove(Pickups.Pickup delivered, Pickups.Pickup returned) throws IOException {
        audit();
        takeHome(delivered);
        searchFor(delivered, returned);
    }

    private void audit() {
        console.heading("    An outsider audits it all, with the ledger's public key and its directory's root");
        Keys keys = story.stack().keys();
        VerifierKey key = VerifierKey.parse(keys.vkey());
        LogReader log = new LogReader(Stack.Member.LEDGER.uri(), key);
        Report report = Audit.of(
                Gathering.gather(log, story.stack().bootstrapServers(), Databases.of(story.data()), _ -> {}),
                keys.pins(),
                key);
        if (!report.isGreen()) {
            throw new IllegalStateException(String.join("\n", report.lines()));
        }
        console.done(report.opened() + " events: every signature is its service's, every one is in the ledger");
        console.done(report.proofs() + " announced inclusion proofs: all hold");
        console.done(report.checkpoints() + " checkpoints: each is of a beginning of the newest, of " + report.size()
                + " entries");
        console.done(report.judged() + " events judged by the law: none is void");
        console.done("every service's own rows say what it told");
    }

    private void takeHome(Pickups.Pickup delivered) throws IOException {
        Keys keys = story.stack().keys();
        console.heading("    An owner takes the proof home: a token's whole life, from vault to burning");
        TokenId token = delivered.tokens().getFirst();
        Path bundle = writeBundle(delivered.owner(), token);
        console.done(token + ": " + bundle);
        int exit = new CommandLine(new Verify())
                .execute(
                        bundle.toString(),
                        "--key",
                        keys.vkey(),
                        "--directory",
                        keys.directoryFile().toString(),
                        "--root",
                        keys.root());
        if (exit != 0) {
            throw new IllegalStateException("the proof bundle does not verify");
        }
    }

    /** What the search can find it does find, or finding no address would prove nothing. */
    private void searchFor(Pickups.Pickup delivered, Pickups.Pickup returned) throws IOException {
        console.heading("    Nothing that is kept holds an address");
        List<String> parts = Stream.of(delivered, returned)
                .flatMap(pickup -> pickup.address().parts().stream())
                .toList();
        AddressSearch.Findings found = AddressSearch.find(
                story.stack(), story.data(), parts, List.of(delivered.id().value(), IN_EVERY_LOG));
        if (!found.known().keySet().equals(EnumSet.allOf(AddressSearch.Place.class))) {
            throw new IllegalStateException("the search does not find what is there: " + found.known());
        }
        if (!found.hits().isEmpty()) {
            throw new IllegalStateException("an address is kept in clear: " + found.hits());
        }
        console.done(found.searched());
        console.done("2 addresses, their streets, recipients and telephones, in every encoding: nowhere");
        console.done("the pickup's id, looked for in the same way: in "
                + found.known().values().stream().mapToInt(Set::size).sum() + " places");
    }

    private Path writeBundle(String owner, TokenId token) throws IOException {
        JsonNode evidence = story.as(owner)
                .get(Stack.Member.TOKEN.uri().resolve("/api/v1/tokens/" + token + "/evidence"))
                .requireSuccess()
                .json();
        List<ProofBundle.Item> items = new ArrayList<>();
        for (JsonNode event : evidence.path("events")) {
            String proof = Api.getPublic(Stack.Member.LEDGER
                            .uri()
                            .resolve("/api/v1/proofs/" + event.path("id").asString()))
                    .requireSuccess()
                    .text();
            items.add(new ProofBundle.Item(
                    Entry.of(Base64.getDecoder()
                            .decode(event.path("dssematerial").asString())),
                    TlogProof.parse(proof),
                    event.toString()));
        }
        Path file = story.data().resolve("proofs").resolve("token-" + token + ".json");
        Files.createDirectories(file.getParent());
        Files.write(file, new ProofBundle(VerifierKey.parse(story.stack().keys().vkey()), items).format());
        return file;
    }
}
