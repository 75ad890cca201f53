package io.jiucang.delivery;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import io.jiucang.delivery.DeliveryRejected.Reason;
import io.jiucang.events.DeliveryEvent.AddressDestroyed;
import io.jiucang.events.value.PickupId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.axonframework.eventhandling.EventHandler;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The sealed addresses, as long as there is something to be delivered to them.
 *
 * <p>Each is encrypted once more, under a key of its own (AES-256-GCM), derived from the secret and from random bytes that
 * stand in a table of their own. When the address is needed no more, both rows go; PostgreSQL then still keeps their old
 * versions in its pages, so the tables are rewritten after the commit. What a backup keeps, opens with none of what is
 * outside the database's backups.
 */
@Component
class Envelopes {

    static final TaskDescriptor<Void> VACUUM = TaskDescriptor.of("vacuum envelopes");

    private static final String TRANSFORMATION = "AES/GCM/NoPadding";
    private static final int KEY_BYTES = 32;
    private static final int IV_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final JdbcClient jdbc;
    private final DeliverySecret secret;
    private final ObjectProvider<Scheduler> scheduler;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    Envelopes(JdbcClient jdbc, DeliverySecret secret, ObjectProvider<Scheduler> scheduler, Clock clock) {
        this.jdbc = jdbc;
        this.secret = secret;
        this.scheduler = scheduler;
        this.clock = clock;
    }

    /** @throws DeliveryRejected if any pickup has ever had this envelope */
    void store(PickupId pickupId, Envelope envelope) {
        int first = jdbc.sql("insert into used_envelope (sha256) values (?) on conflict do nothing")
                .param(envelope.sha256())
                .update();
        DeliveryRejected.require(first == 1, Reason.ENVELOPE_REUSED, "seal the address anew for every pickup");
        byte[] keyBytes = random(KEY_BYTES);
        byte[] iv = random(IV_BYTES);
        byte[] ciphertext = crypt(
                Cipher.ENCRYPT_MODE, pickupId, keyBytes, iv, envelope.compact().getBytes(StandardCharsets.US_ASCII));
        jdbc.sql("insert into envelope (pickup_id, iv, ciphertext) values (?, ?, ?)")
                .params(pickupId.value(), iv, ciphertext)
                .update();
        jdbc.sql("insert into envelope_key (pickup_id, key_bytes) values (?, ?)")
                .params(pickupId.value(), keyBytes)
                .update();
    }

    /** The compact JWE, in ASCII. */
    byte[] open(PickupId pickupId) {
        return jdbc.sql(
                        "select key_bytes, iv, ciphertext from envelope join envelope_key using (pickup_id) where pickup_id = ?")
                .param(pickupId.value())
                .query((row, number) ->
                        crypt(Cipher.DECRYPT_MODE, pickupId, row.getBytes(1), row.getBytes(2), row.getBytes(3)))
                .optional()
                .orElseThrow(
                        () -> new DeliveryRejected(Reason.ENVELOPE_DESTROYED, "the address is not needed any more"));
    }

    @EventHandler
    void on(AddressDestroyed event) {
        jdbc.sql("delete from envelope_key where pickup_id = ?")
                .param(event.pickupId().value())
                .update();
        jdbc.sql("delete from envelope where pickup_id = ?")
                .param(event.pickupId().value())
                .update();
        scheduler
                .getObject()
                .scheduleIfNotExists(VACUUM.instance(event.pickupId().value()).scheduledTo(clock.instant()));
    }

    /** Not within a transaction, which PostgreSQL does not allow. */
    static void vacuum(JdbcClient jdbc) {
        jdbc.sql("vacuum (full) envelope_key").update();
        jdbc.sql("vacuum (full) envelope").update();
    }

    private byte[] crypt(int mode, PickupId pickupId, byte[] keyBytes, byte[] iv, byte[] text) {
        try {
            Cipher cipher = Cipher.getInstance(TRANSFORMATION);
            cipher.init(
                    mode,
                    new SecretKeySpec(secret.derive("envelope", keyBytes), "AES"),
                    new GCMParameterSpec(TAG_BITS, iv));
            cipher.updateAAD(pickupId.value().getBytes(StandardCharsets.US_ASCII));
            return cipher.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "the envelope of " + pickupId + " was altered, or the secret is another", e);
        }
    }

    private byte[] random(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
