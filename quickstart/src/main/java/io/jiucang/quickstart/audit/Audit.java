package io.jiucang.quickstart.audit;

import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.jiucang.events.EventJson;
import io.jiucang.events.EventRefused;
import io.jiucang.events.LedgerEvent.DirectoryVersion;
import io.jiucang.events.envelope.EventVerifier;
import io.jiucang.ledger.Hash;
import io.jiucang.ledger.VerifierKey;
import io.jiucang.title.directory.Directory;
import io.jiucang.title.directory.DirectoryRefused;
import io.jiucang.title.directory.Pins;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What somebody checks who believes nobody: with a ledger's public key and its directory's roots, and nothing else. */
public final class Audit {

    private final Gathered gathered;
    private final Pins pins;
    private final VerifierKey key;

    private Audit(Gathered gathered, Pins pins, VerifierKey key) {
        this.gathered = gathered;
        this.pins = pins;
        this.key = key;
    }

    /**
     * @param key of the ledger
     * @throws AuditImpossible if the ledger does not begin with a directory that the pinned roots signed
     */
    public static Report of(Gathered gathered, Pins pins, VerifierKey key) {
        return new Audit(gathered, pins, key).report();
    }

    private Report report() {
        Gathered.Log log = gathered.log();
        Map<Hash, Long> indexes = log.indexes();
        EventVerifier verifier = new EventVerifier(directory().eventKeys());

        Opened opened = new Opened(indexes, verifier);
        opened.take(gathered.before());
        opened.takeLater(gathered.after());

        LogCheck logCheck = new LogCheck(log, key);
        logCheck.checkLeaves();
        opened.announcements().forEach(event -> logCheck.checkAnnouncement(event, false));
        opened.laterAnnouncements().forEach(event -> logCheck.checkAnnouncement(event, true));

        LawReplay replay = new LawReplay(
                pins, sha256 -> Optional.ofNullable(gathered.evidence().get(sha256)));
        replay.judge(opened.leaves());

        RowCheck rowCheck = new RowCheck(indexes, opened.leaves(), verifier);
        Map<String, Long> rows = new LinkedHashMap<>();
        gathered.rows().orElse(Map.of()).forEach((service, told) -> {
            rowCheck.check(service, told, gathered.settled());
            rows.put(service.source().toString(), (long) told.size());
        });

        List<Breach> breaches = new ArrayList<>(opened.breaches(log.entries().size()));
        breaches.addAll(logCheck.breaches());
        breaches.addAll(replay.breaches());
        breaches.addAll(rowCheck.breaches());
        return new Report(
                breaches.isEmpty() ? Report.Verdict.GREEN : Report.Verdict.BREACHES,
                breaches,
                log.newest().origin(),
                log.newest().size(),
                log.newest().root().base64(),
                opened.leaves().size(),
                log.checkpoints().size(),
                logCheck.proofs(),
                replay.judged(),
                replay.unjudged(),
                gathered.rows().isPresent() ? rows : null);
    }

    /** Taken on its roots' word alone, before any service can be believed. */
    private Directory directory() {
        Hash first = gathered.log().entries().stream()
                .findFirst()
                .orElseThrow(() -> new AuditImpossible("the ledger is empty"))
                .leafHash();
        CloudEvent event = Stream.concat(gathered.before().stream(), gathered.after().stream())
                .filter(candidate ->
                        Gathered.leafOf(candidate).filter(first::equals).isPresent())
                .findFirst()
                .orElseThrow(() -> new AuditImpossible(
                        "leaf #0, the directory of whose keys to believe, was not opened by any event"));
        CloudEventData data = event.getData();
        try {
            DirectoryVersion version =
                    EventJson.read(data == null ? new byte[0] : data.toBytes(), DirectoryVersion.class);
            return Directory.read(version.envelope().getBytes(StandardCharsets.UTF_8), pins);
        } catch (EventRefused | DirectoryRefused e) {
            throw new AuditImpossible(
                    "the ledger does not begin with a directory of the pinned roots: " + e.getMessage(), e);
        }
    }
}
