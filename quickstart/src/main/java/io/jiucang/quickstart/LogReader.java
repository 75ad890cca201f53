package io.jiucang.quickstart;

import io.jiucang.ledger.Checkpoint;
import io.jiucang.ledger.Entry;
import io.jiucang.ledger.EntryBundle;
import io.jiucang.ledger.SignedNote;
import io.jiucang.ledger.TilePath;
import io.jiucang.ledger.VerifierKey;
import io.jiucang.quickstart.audit.Gathered;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** Reads a whole log over HTTP (C2SP tlog-tiles), as anybody may. Full bundles never change, and are asked for once. */
final class LogReader {

    private final URI log;
    private final VerifierKey key;
    private final List<Entry> settled = new ArrayList<>();

    LogReader(URI log, VerifierKey key) {
        this.log = log;
        this.key = key;
    }

    /** @throws io.jiucang.ledger.LedgerException if the key did not sign it */
    Checkpoint newest() {
        return open(Api.getPublic(log.resolve("/checkpoint")).requireSuccess().text());
    }

    /** @param progress is told how many entries there are by then */
    Gathered.Log read(Consumer<String> progress) {
        // First: what is signed while this reads is of a larger tree.
        List<Checkpoint> earlier = checkpoints();
        Checkpoint newest = newest();
        List<Entry> entries = new ArrayList<>(settled);
        while (entries.size() < newest.size()) {
            progress.accept("ledger: " + entries.size() + " of " + newest.size() + " entries");
            int width = (int) Math.min(TilePath.FULL_WIDTH, newest.size() - entries.size());
            List<Entry> bundle = bundle(new TilePath(TilePath.ENTRIES, entries.size() / TilePath.FULL_WIDTH, width));
            entries.addAll(bundle);
            if (width == TilePath.FULL_WIDTH) {
                settled.addAll(bundle);
            }
        }
        return new Gathered.Log(newest, entries, earlier);
    }

    private List<Entry> bundle(TilePath path) {
        byte[] bytes =
                Api.getPublic(log.resolve("/" + path.format())).requireSuccess().bytes();
        List<Entry> entries = EntryBundle.parse(bytes).entries();
        if (entries.size() != path.width()) {
            throw new IllegalStateException(path.format() + " has " + entries.size() + " entries");
        }
        return entries;
    }

    private List<Checkpoint> checkpoints() {
        List<Checkpoint> all = new ArrayList<>();
        Optional<String> next = Optional.of("");
        while (next.isPresent()) {
            JsonNode page = Api.getPublic(log.resolve("/api/v1/checkpoints" + next.get()))
                    .requireSuccess()
                    .json();
            page.path("items")
                    .forEach(item -> all.add(open(item.path("checkpoint").asString())));
            next = page.hasNonNull("next")
                    ? Optional.of("?cursor=" + page.path("next").asString())
                    : Optional.empty();
        }
        return all;
    }

    private Checkpoint open(String note) {
        return Checkpoint.open(SignedNote.parse(note), key.name(), List.of(key));
    }
}
