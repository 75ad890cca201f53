package io.jiucang.warehouse;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One case as the stock list shows it.
 *
 * @param position in the order of shelving
 * @param damage what was found, if it is damaged
 * @param releaseId what it left its bin for, with {@code tokenId}, {@code scanner} and {@code scannedAt}
 * @param pickupId what it left with a courier for, the last time
 */
record StockView(
        @JsonIgnore long position,
        String boxCode,
        String gtin,
        String site,
        String bin,
        StockCase.State state,
        Instant shelvedAt,
        @Nullable String damage,
        @Nullable String releaseId,
        @Nullable String tokenId,
        @Nullable String scanner,
        @Nullable Instant scannedAt,
        @Nullable String pickupId) {}
