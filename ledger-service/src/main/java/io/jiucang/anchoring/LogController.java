package io.jiucang.anchoring;

import static io.jiucang.anchoring.LedgerRejected.Reason.EVENT_NOT_ANCHORED;
import static io.jiucang.anchoring.LedgerRejected.Reason.SOURCE_NEEDED;
import static io.jiucang.anchoring.LedgerRejected.Reason.TILE_NOT_FOUND;

import io.jiucang.anchoring.LogStore.StoredCheckpoint;
import io.jiucang.anchoring.LogStore.StoredEntry;
import io.jiucang.anchoring.TransparencyLog.Proven;
import io.jiucang.ledger.LedgerException;
import io.jiucang.ledger.ProofBundle;
import io.jiucang.ledger.TilePath;
import io.jiucang.starter.RequestRejected;
import io.jiucang.starter.web.Page;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * The log for everyone: C2SP tlog-tiles at the root, proofs by event id beside them.
 *
 * <p>Public, because leaves are commitments: without the event, they tell nothing but when its source wrote something.
 */
@RestController
@PreAuthorize("permitAll()")
class LogController {

    private static final MediaType TEXT = new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8);
    private static final CacheControl IMMUTABLE =
            CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable();
    private static final CacheControl A_MOMENT =
            CacheControl.maxAge(Duration.ofSeconds(1)).cachePublic();
    private static final int PAGE = 500;

    private final TransparencyLog log;

    LogController(TransparencyLog log) {
        this.log = log;
    }

    /** @param checkpoint the signed note */
    record SignedCheckpoint(long size, String checkpoint, Instant signedAt) {

        static SignedCheckpoint of(StoredCheckpoint stored) {
            return new SignedCheckpoint(stored.size(), stored.note(), stored.signedAt());
        }
    }

    @GetMapping("/checkpoint")
    ResponseEntity<String> checkpoint() {
        return text(log.newest().note());
    }

    @GetMapping("/vkey")
    ResponseEntity<String> verifierKey() {
        return text(log.verifierKey().format() + "\n");
    }

    /** The path is taken as it was sent: decoded, several spellings would name one tile. */
    @GetMapping("/tile/**")
    ResponseEntity<byte[]> tile(HttpServletRequest request) {
        String path = request.getRequestURI().substring(1);
        try {
            byte[] resource = log.resource(TilePath.parse(path))
                    .orElseThrow(() -> new LedgerRejected(TILE_NOT_FOUND, "the log has not grown to it yet"));
            return ResponseEntity.ok()
                    .cacheControl(IMMUTABLE)
                    .contentType(MediaType.APPLICATION_OCTET_STREAM)
                    .body(resource);
        } catch (LedgerException e) {
            throw new LedgerRejected(TILE_NOT_FOUND, String.valueOf(e.getMessage()));
        }
    }

    /** Every checkpoint ever signed, so that anyone can check that each extends the one before. */
    @GetMapping("/api/v1/checkpoints")
    Page<SignedCheckpoint> checkpoints(@RequestParam @Nullable String cursor) {
        List<SignedCheckpoint> page = log.checkpoints(Page.after(cursor), PAGE).stream()
                .map(SignedCheckpoint::of)
                .toList();
        return Page.of(page, PAGE, SignedCheckpoint::size);
    }

    /** A C2SP tlog-proof. */
    @GetMapping("/api/v1/proofs/{eventId}")
    ResponseEntity<String> proof(@PathVariable String eventId, @RequestParam @Nullable String source) {
        return text(log.prove(find(eventId, source)).proof().format());
    }

    /** The same as a file for the verifier's command line; the event's holder may add the event itself. */
    @GetMapping("/api/v1/proofs/{eventId}/bundle")
    ResponseEntity<byte[]> bundle(@PathVariable String eventId, @RequestParam @Nullable String source) {
        Proven proven = log.prove(find(eventId, source));
        ProofBundle bundle =
                new ProofBundle(log.verifierKey(), List.of(new ProofBundle.Item(proven.entry(), proven.proof(), null)));
        return ResponseEntity.ok()
                .cacheControl(A_MOMENT)
                .contentType(MediaType.APPLICATION_JSON)
                .body(bundle.format());
    }

    private StoredEntry find(String eventId, @Nullable String source) {
        requireId(eventId);
        List<StoredEntry> found = log.entriesOf(eventId).stream()
                .filter(entry -> source == null || source.equals(entry.source()))
                .toList();
        if (found.isEmpty()) {
            throw new LedgerRejected(EVENT_NOT_ANCHORED, "no entry of event " + eventId);
        }
        if (found.size() > 1) {
            throw new LedgerRejected(SOURCE_NEEDED, "name the event's source in the query: ?source=");
        }
        return found.getFirst();
    }

    private static void requireId(String eventId) {
        try {
            if (UUID.fromString(eventId).toString().equals(eventId)) {
                return;
            }
        } catch (IllegalArgumentException e) {
            throw malformedId();
        }
        throw malformedId();
    }

    private static RequestRejected malformedId() {
        return new RequestRejected(RequestRejected.Reason.MALFORMED_PARAMETER, "eventId is not a UUID in lower case");
    }

    private static ResponseEntity<String> text(String text) {
        return ResponseEntity.ok().cacheControl(A_MOMENT).contentType(TEXT).body(text);
    }
}
