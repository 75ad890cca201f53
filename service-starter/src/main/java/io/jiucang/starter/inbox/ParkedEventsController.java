package io.jiucang.starter.inbox;

import io.jiucang.starter.RequestRejected;
import io.jiucang.starter.web.Page;
import io.jiucang.starter.web.RequestTransaction;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What an operator does about events that did not take effect. */
@RestController
@RequestMapping("/api/v1/operator/parked-events")
@PreAuthorize("hasRole('OPERATOR')")
class ParkedEventsController {

    private static final int PAGE = 100;

    private final Inbox inbox;
    private final ParkedEvents parked;
    private final RequestTransaction transaction;

    ParkedEventsController(Inbox inbox, ParkedEvents parked, RequestTransaction transaction) {
        this.inbox = inbox;
        this.parked = parked;
        this.transaction = transaction;
    }

    @GetMapping
    Page<Item> list(@RequestParam(required = false) @Nullable String cursor) {
        List<Item> items = parked.causes(Page.after(cursor), PAGE).stream()
                .map(event -> new Item(
                        event.id(),
                        event.key().topic(),
                        event.key().key(),
                        event.partition(),
                        event.offset(),
                        event.reason(),
                        event.detail(),
                        event.parkedAt()))
                .toList();
        return Page.of(items, PAGE, Item::id);
    }

    /** Tries the event, and those behind it, again, each in a transaction of its own: one that fails undoes none before. */
    @PostMapping("/{id}/replay")
    Replayed replay(@PathVariable long id) {
        ParkedEvents.Key key = find(id).key();
        return new Replayed(transaction.pausedFor(() -> inbox.replay(key)));
    }

    /** Gives the event up for good and takes in those behind it. */
    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void discard(@PathVariable long id) {
        inbox.discard(find(id));
    }

    private ParkedEvents.Parked find(long id) {
        return parked.find(id)
                .orElseThrow(() -> new RequestRejected(
                        RequestRejected.Reason.PARKED_EVENT_NOT_FOUND, "no event is parked under " + id));
    }

    record Item(
            long id,
            String topic,
            String key,
            int partition,
            long offset,
            String reason,
            String detail,
            Instant parkedAt) {}

    record Replayed(int events) {}
}
