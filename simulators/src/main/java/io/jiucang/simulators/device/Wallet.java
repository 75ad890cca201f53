package io.jiucang.simulators.device;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jiucang.simulators.Sha256;
import io.jiucang.simulators.statement.SigningKey;
import io.jiucang.simulators.statement.Speaker;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** An owner's wallet 钱包, speaking with one of its keys. {@code docs/device/statements.js} says the same in a browser. */
public record Wallet(Speaker speaker) {

    /** The first words of its first key, without which none counts. It can never be recovered. */
    public String birth() {
        return birth(List.of());
    }

    /** @param recovery the thumbprint of the only key that could ever recover it */
    public String birth(String recovery) {
        return birth(List.of(recovery));
    }

    private String birth(List<String> recovery) {
        return speaker.say("wallet-birth", Map.of("key", speaker.key().publicKey(), "recovery", recovery));
    }

    /** @param key {@link SigningKey#publicKey} of another device */
    public String keyEndorsement(Map<String, String> key) {
        return speaker.say("key-endorsement", Map.of("key", key));
    }

    /** @param key its thumbprint */
    public String keyRevocation(String key) {
        return speaker.say("key-revocation", Map.of("key", key));
    }

    /**
     * @param offer the offer's statement id
     * @param fen the offer's price times the quantity
     * @param agreement SHA-256 of the custody agreement the owner accepts, in hex: the offer's
     * @param payBy no later than the offer allows
     */
    public String order(String offer, long quantity, long fen, String agreement, Instant payBy) {
        return speaker.say(
                "order",
                Map.of(
                        "offer",
                        offer,
                        "quantity",
                        quantity,
                        "total",
                        Speaker.cny(fen),
                        "agreement",
                        agreement,
                        "payBy",
                        payBy.getEpochSecond()));
    }

    public String orderCancellation(String order) {
        return speaker.say("order-cancellation", Map.of("order", order));
    }

    /**
     * Of the address and of the codes it says no more than their hashes.
     *
     * @param pickup the pickup order
     * @param carrier its id in the directory
     * @param sealed the address as {@link Device#seal} gave it
     * @param codes by token; they are the tokens of the pickup
     * @param until not shipped by then, the hold ends
     */
    public String pickup(String pickup, String carrier, String sealed, Map<String, HandoverCode> codes, Instant until) {
        Map<String, String> hashlocks = new LinkedHashMap<>();
        codes.forEach((token, code) -> hashlocks.put(token, code.hashlock(pickup, token)));
        return speaker.say(
                "pickup",
                Map.of(
                        "pickup",
                        pickup,
                        "carrier",
                        carrier,
                        "envelope",
                        HexFormat.of().formatHex(Sha256.of(sealed.getBytes(US_ASCII))),
                        "hashlocks",
                        hashlocks,
                        "until",
                        until.getEpochSecond()));
    }

    public String pickupCancellation(String hold) {
        return speaker.say("pickup-cancellation", Map.of("hold", hold));
    }

    /** The price of cases that were lost, rather than to wait until they are found. */
    public String moneyBack(String order, Collection<String> tokens) {
        return speaker.say("money-back", Map.of("order", order, "tokens", new TreeSet<>(tokens)));
    }
}
