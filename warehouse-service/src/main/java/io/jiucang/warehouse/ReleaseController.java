package io.jiucang.warehouse;

import static io.jiucang.warehouse.WarehouseRejected.Reason.RELEASE_UNKNOWN;

import io.jiucang.events.WarehouseEvent.ReleasedCase;
import io.jiucang.events.value.ReleaseId;
import io.jiucang.starter.web.Page;
import io.jiucang.warehouse.WarehouseCommand.Scan;
import java.security.Principal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The scanners' worklist. */
@RestController
@RequestMapping("/api/v1/releases")
@PreAuthorize("hasRole('WAREHOUSE')")
class ReleaseController {

    private static final int PAGE = 50;

    private final ScannerPosts posts;
    private final ReleaseViews releases;

    ReleaseController(ScannerPosts posts, ReleaseViews releases) {
        this.posts = posts;
        this.releases = releases;
    }

    @GetMapping
    Page<ReleaseView> list(
            @RequestParam(required = false) @Nullable String site,
            @RequestParam(required = false) Release.@Nullable State state,
            @RequestParam(required = false) @Nullable String cursor) {
        return Page.of(
                releases.list(Text.parameter(site, "site"), state, Page.after(cursor), PAGE),
                PAGE,
                ReleaseView::position);
    }

    @GetMapping("/{id}")
    ReleaseView get(@PathVariable ReleaseId id) {
        return releases.find(id).orElseThrow(() -> new WarehouseRejected(RELEASE_UNKNOWN, "there is no release " + id));
    }

    @PostMapping("/{id}/scans")
    Scanned scan(@PathVariable ReleaseId id, @RequestBody Scans scans, Principal worker) {
        Scan scan = new Scan(scans.scanner(), worker.getName(), scans.scannedAt());
        return new Scanned(id, posts.release(id, scans.boxCodes(), scan).cases());
    }

    @PostMapping("/{id}/refusal")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void refuse(@PathVariable ReleaseId id, @RequestBody Refusal refusal) {
        posts.refuse(id, refusal.description());
    }

    /**
     * @param boxCodes as scanned: the first goes to the first token that has none
     * @param scanner the device
     */
    record Scans(List<String> boxCodes, String scanner, Instant scannedAt) {
        Scans {
            boxCodes = List.copyOf(boxCodes);
            Text.require(scanner, "scanner", 64);
        }
    }

    record Scanned(ReleaseId releaseId, List<ReleasedCase> released) {}

    record Refusal(String description) {
        Refusal {
            Text.require(description, "description", 500);
        }
    }
}
