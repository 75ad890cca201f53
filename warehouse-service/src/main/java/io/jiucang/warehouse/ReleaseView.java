package io.jiucang.warehouse;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One release order as scanners see it.
 *
 * @param position in the order of request
 * @param overdue whether it is open for longer than the deadline
 * @param waiting tokens still to be served; none once it has ended
 * @param proposal where to take the cases for them from
 * @param refusal why some tokens will not be served
 */
record ReleaseView(
        @JsonIgnore long position,
        String releaseId,
        String orderId,
        String planId,
        String vaultId,
        String site,
        String gtin,
        Release.State state,
        Instant requestedAt,
        boolean overdue,
        List<String> waiting,
        List<Released> released,
        List<Bin> proposal,
        @Nullable String refusal) {

    record Released(String tokenId, String boxCode, String bin) {}

    /** Take {@code boxes} boxes from {@code bin}. */
    record Bin(String bin, int boxes) {}
}
