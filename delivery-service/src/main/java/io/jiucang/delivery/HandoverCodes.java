package io.jiucang.delivery;

import static io.jiucang.delivery.DeliveryRejected.Reason.HANDOVER_CODE_LOCKED;
import static io.jiucang.delivery.DeliveryRejected.Reason.HANDOVER_CODE_WRONG;

import io.jiucang.events.PickupId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The recipient's one-time codes: six digits, a new one after every attempt and every partial delivery.
 *
 * <p>They are computed from the secret and stored nowhere. A hash of six digits would be no better than the digits.
 */
@Component
class HandoverCodes {

    private static final int CODES = 1_000_000;

    private final DeliverySecret secret;
    private final JdbcClient jdbc;
    private final int tries;

    HandoverCodes(DeliverySecret secret, JdbcClient jdbc, DeliverySettings settings) {
        this.secret = secret;
        this.jdbc = jdbc;
        this.tries = settings.limits().handoverTries();
    }

    /** @param number counts the pickup's codes, from 1 */
    String code(PickupId pickupId, long number) {
        byte[] derived = secret.derive("handover code", (pickupId + "/" + number).getBytes(StandardCharsets.US_ASCII));
        return "%06d".formatted(Long.remainderUnsigned(ByteBuffer.wrap(derived).getLong(), CODES));
    }

    /**
     * In a transaction that commits even if the code is wrong, or else the try would not count.
     *
     * @throws DeliveryRejected unless this is the code; a wrong one has been counted then
     */
    void verify(PickupId pickupId, long number, Secret given) {
        jdbc.sql("insert into handover_try (pickup_id, code_number) values (?, ?) on conflict do nothing")
                .params(pickupId.value(), number)
                .update();
        int wrong = jdbc.sql("select wrong from handover_try where pickup_id = ? and code_number = ? for update")
                .params(pickupId.value(), number)
                .query(Integer.class)
                .single();
        if (wrong >= tries) {
            throw new DeliveryRejected(HANDOVER_CODE_LOCKED, "end this attempt; the next one has a new code");
        }
        if (!MessageDigest.isEqual(
                code(pickupId, number).getBytes(StandardCharsets.UTF_8),
                given.value().getBytes(StandardCharsets.UTF_8))) {
            jdbc.sql("update handover_try set wrong = wrong + 1 where pickup_id = ? and code_number = ?")
                    .params(pickupId.value(), number)
                    .update();
            throw new DeliveryRejected(HANDOVER_CODE_WRONG, (tries - wrong - 1) + " tries left");
        }
    }
}
