package io.jiucang.simulators.statement;

import static java.util.Map.entry;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** A winery 酒厂, which offers its cases. */
public record Winery(Speaker speaker) {

    /**
     * @param product the winery's own name for it
     * @param gtin the case's GTIN-14
     * @param count cases; serials run from 1 to it
     * @param fen price of one case
     * @param limit the most cases for one buyer
     * @param from orders count from this second on
     * @param until and until this one
     * @param site where the cases stand
     * @param appid the winery's app at its payment provider
     * @param payee the winery's merchant number there
     * @param agreement SHA-256 of the custody agreement's text, in hex
     * @param deliverBy days after the sale
     * @param longestPayBy from an order's making to its {@code payBy}, at most
     */
    public record Offer(
            String product,
            String gtin,
            long count,
            long fen,
            long limit,
            Instant from,
            Instant until,
            String site,
            String appid,
            String payee,
            String agreement,
            int deliverBy,
            Duration longestPayBy) {}

    public String offer(Offer offer) {
        return speaker.say(
                "offer",
                Map.ofEntries(
                        entry("product", offer.product),
                        entry("gtin", offer.gtin),
                        entry("count", offer.count),
                        entry("price", Speaker.cny(offer.fen)),
                        entry("limit", offer.limit),
                        entry("from", offer.from.getEpochSecond()),
                        entry("until", offer.until.getEpochSecond()),
                        entry("site", offer.site),
                        entry("appid", offer.appid),
                        entry("payee", offer.payee),
                        entry("agreement", offer.agreement),
                        entry("deliverBy", offer.deliverBy),
                        entry("longestPayBy", offer.longestPayBy.toSeconds())));
    }
}
