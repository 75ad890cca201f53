package io.jiucang.delivery;

import static io.jiucang.delivery.DeliveryFixtures.NOW;
import static io.jiucang.delivery.DeliveryFixtures.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.jiucang.delivery.DeliveryRejected.Reason;
import java.io.UncheckedIOException;
import java.security.PrivateKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CarriersTest {

    private static RSAKey first;
    private static RSAKey second;

    @BeforeAll
    static void generateKey() throws Exception {
        first = new RSAKeyGenerator(2048).keyIDFromThumbprint(true).generate();
        second = new RSAKeyGenerator(2048).keyIDFromThumbprint(true).generate();
    }

    @SuppressWarnings("JavaUtilDate") // Nimbus's own.
    private static RSAKey.Builder key(RSAKey pair, Instant from, Instant until) {
        return new RSAKey.Builder(pair.toPublicJWK())
                .keyUse(KeyUse.ENCRYPTION)
                .algorithm(JWEAlgorithm.RSA_OAEP_256)
                .notBeforeTime(Date.from(from))
                .expirationTime(Date.from(until));
    }

    private static Carrier carrier(RSAKey... keys) {
        return new Carrier("sf", Map.of("zh", "顺丰"), List.of(keys));
    }

    private static Envelope envelope(String kid, int keyLength) {
        return new Envelope("a.b.c.d.e", "ab".repeat(32), kid, keyLength);
    }

    private static void assertRefused(Carrier carrier, Envelope envelope, Instant now, Reason reason) {
        assertThatThrownBy(() -> carrier.requireOpens(envelope, now))
                .isInstanceOfSatisfying(
                        DeliveryRejected.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void takesEachKeyInItsTimeAndBothWhileTheyOverlap() {
        Instant overlapBegins = NOW.minus(Duration.ofDays(1));
        Instant overlapEnds = NOW.plus(Duration.ofDays(1));
        Carrier carrier = carrier(
                key(first, NOW.minus(Duration.ofDays(300)), overlapEnds).build(),
                key(second, overlapBegins, NOW.plus(Duration.ofDays(300))).build());
        carrier.requireOpens(envelope(first.getKeyID(), 256), NOW);
        carrier.requireOpens(envelope(second.getKeyID(), 256), NOW);
        carrier.requireOpens(envelope(second.getKeyID(), 256), overlapBegins);
        assertRefused(
                carrier, envelope(second.getKeyID(), 256), overlapBegins.minusMillis(1), Reason.CARRIER_KEY_NOT_VALID);
        carrier.requireOpens(envelope(first.getKeyID(), 256), overlapEnds.minusMillis(1));
        assertRefused(carrier, envelope(first.getKeyID(), 256), overlapEnds, Reason.CARRIER_KEY_NOT_VALID);
    }

    @Test
    void refusesAnotherCarriersKeyAndOneOfAnotherLength() {
        Carrier carrier = carrier(key(first, NOW, NOW.plusSeconds(1)).build());
        assertRefused(carrier, envelope("ems-1", 256), NOW, Reason.CARRIER_KEY_NOT_FOUND);
        assertRefused(carrier, envelope(first.getKeyID(), 255), NOW, Reason.ENVELOPE_MALFORMED);
        assertRefused(carrier, envelope(first.getKeyID(), 512), NOW, Reason.ENVELOPE_MALFORMED);
    }

    @Test
    void hasNoUseForKeysThatAreNotForThis() {
        RSAKey.Builder good = key(first, NOW, NOW.plusSeconds(1));
        assertThat(carrier(good.build()).keys()).hasSize(1);
        List<UnaryOperator<RSAKey.Builder>> faults = List.of(
                key -> key.keyID(null),
                key -> key.keyID(" "),
                key -> key.keyID("sf-1"),
                key -> key.keyID(second.getKeyID()),
                key -> key.keyUse(KeyUse.SIGNATURE),
                key -> key.algorithm(JWEAlgorithm.RSA_OAEP_512),
                key -> key.notBeforeTime(null),
                key -> key.expirationTime(null),
                key -> key.privateKey(privateKey()));
        for (UnaryOperator<RSAKey.Builder> fault : faults) {
            RSAKey bad = fault.apply(key(first, NOW, NOW.plusSeconds(1))).build();
            assertThatThrownBy(() -> carrier(bad)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> carrier(good.build(), good.build())).hasMessageContaining("two keys");
        assertThatThrownBy(() -> carrier(key(first, NOW, NOW).build())).hasMessageContaining("nbf before exp");
        assertThatThrownBy(() -> new Carrier("SF Express", Map.of(), List.of())).hasMessageContaining("name");
    }

    private static PrivateKey privateKey() {
        try {
            return first.toPrivateKey();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void keepsTheServiceFromStartingWithoutTheirFile() {
        assertThatThrownBy(() -> new Carriers(SETTINGS, Clock.fixed(NOW, ZoneOffset.UTC)))
                .isInstanceOf(UncheckedIOException.class);
    }
}
