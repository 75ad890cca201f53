package io.jiucang.warehouse;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.List;

/**
 * One release order as scanners see it.
 *
 * @param position in the order of request
 * @param sale leaf hash of the sale, which docks' statements name
 * @param overdue whether tokens wait for longer than the deadline
 * @param waiting tokens still to be served; of a cancelled one, those of which no dock has said that it released none
 * @param proposal where to take the cases for them from
 */
record ReleaseView(
        @JsonIgnore long position,
        String releaseId,
        String orderId,
        String vaultId,
        String site,
        String gtin,
        String sale,
        @JsonIgnore long saleIndex,
        Release.State state,
        Instant requestedAt,
        boolean overdue,
        List<String> waiting,
        List<Released> released,
        List<Bin> proposal) {

    record Released(String tokenId, String boxCode, String bin) {}

    /** Take {@code boxes} boxes from {@code bin}. */
    record Bin(String bin, int boxes) {}
}
