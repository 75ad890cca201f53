package io.jiucang.warehouse;

import static io.jiucang.warehouse.WarehouseRejected.Reason.RELEASE_UNKNOWN;

import io.jiucang.events.value.ReleaseId;
import io.jiucang.starter.web.Page;
import java.security.Principal;
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

    @PostMapping("/{id}/statements")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void state(@PathVariable ReleaseId id, @RequestBody Words words, Principal worker) {
        posts.state(id, words.statements(), worker.getName());
    }

    /** @param statements a dock's, about cases of this release; of a refusal, the warehouse's own after it */
    record Words(List<String> statements) {
        Words {
            statements = List.copyOf(statements);
        }
    }
}
