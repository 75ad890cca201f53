package io.jiucang.warehouse;

import static io.jiucang.starter.RequestRejected.Reason.MALFORMED_PARAMETER;

import io.jiucang.events.value.BoxCode;
import io.jiucang.starter.RequestRejected;
import io.jiucang.starter.web.Page;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.UriComponentsBuilder;

/** Cases in their bins. */
@RestController
@RequestMapping("/api/v1/stock")
@PreAuthorize("hasRole('WAREHOUSE')")
class StockController {

    private static final int PAGE = 100;

    private final ScannerPosts posts;
    private final StockViews stock;

    StockController(ScannerPosts posts, StockViews stock) {
        this.posts = posts;
        this.stock = stock;
    }

    @PostMapping
    ResponseEntity<Shelved> shelve(@RequestBody Shelving shelving) {
        List<String> boxCodes = posts.shelve(shelving.site(), shelving.bin(), shelving.boxCodes()).stream()
                .map(BoxCode::toString)
                .toList();
        URI bin = UriComponentsBuilder.fromPath("/api/v1/stock")
                .queryParam("site", "{site}")
                .queryParam("bin", "{bin}")
                .encode()
                .buildAndExpand(shelving.site(), shelving.bin())
                .toUri();
        return ResponseEntity.created(bin).body(new Shelved(shelving.site(), shelving.bin(), boxCodes));
    }

    @PostMapping("/damage")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void reportDamage(@RequestBody Damage damage) {
        posts.reportDamage(damage.boxCode(), damage.description());
    }

    @GetMapping
    Page<StockView> list(
            @RequestParam(required = false) @Nullable String boxCode,
            @RequestParam(required = false) @Nullable String site,
            @RequestParam(required = false) @Nullable String bin,
            @RequestParam(required = false) @Nullable String gtin,
            @RequestParam(required = false) StockCase.@Nullable State state,
            @RequestParam(required = false) @Nullable String cursor) {
        StockViews.Wanted wanted = new StockViews.Wanted(
                canonical(boxCode),
                Text.parameter(site, "site"),
                Text.parameter(bin, "bin"),
                Text.parameter(gtin, "gtin"),
                state);
        return Page.of(stock.list(wanted, Page.after(cursor), PAGE), PAGE, StockView::position);
    }

    private static @Nullable String canonical(@Nullable String boxCode) {
        try {
            return boxCode == null ? null : BoxCode.parse(boxCode).toString();
        } catch (IllegalArgumentException e) {
            throw new RequestRejected(MALFORMED_PARAMETER, "boxCode is not well-formed");
        }
    }

    /** @param boxCodes as scanned, in any form that {@link BoxCode#parse} reads */
    record Shelving(String site, String bin, List<String> boxCodes) {
        Shelving {
            Text.require(site, "site", 64);
            Text.require(bin, "bin", 64);
            boxCodes = List.copyOf(boxCodes);
        }
    }

    record Shelved(String site, String bin, List<String> boxCodes) {}

    record Damage(String boxCode, String description) {
        Damage {
            Text.require(description, "description", 500);
        }
    }
}
