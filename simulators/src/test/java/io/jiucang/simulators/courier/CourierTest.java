package io.jiucang.simulators.courier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import io.jiucang.simulators.device.Device;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CourierTest {

    private static final String ENVIRONMENT = "https://test.jiucang.example";
    private static final String ORIGIN = "test.jiucang.example/ledger";
    private static final Instant NOW = Instant.parse("2026-11-22T04:00:00Z");
    private static final Duration VALIDITY = Duration.ofDays(90);
    private static final String ADDRESS = "四川省泸州市江阳区酒城大道 1 号";

    @TempDir
    Path directory;

    @Test
    void keepsItsKeysForItselfAndOverRestarts() throws IOException {
        Courier courier = courier(NOW);
        String sealed = seal(courier, NOW);

        Courier restarted = courier(NOW.plusSeconds(1));

        assertThat(restarted.readAddress(sealed)).isEqualTo(ADDRESS);
        assertThat(restarted.publicJwks()).isEqualTo(courier.publicJwks());
        assertThat(restarted.device().kid()).isEqualTo(courier.device().kid());
        try (Stream<Path> files = Files.walk(directory).filter(Files::isRegularFile)) {
            assertThat(files)
                    .hasSize(2)
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------"));
        }
    }

    @Test
    void speaksAsTheTerminalThatTheirDeviceIs() {
        Courier courier = courier(NOW);
        String token = "1c1f2c43-6a0e-8d2a-9b1e-4a0c7a1b2c3d.1";
        Statement<?> lost = Statements.read(
                courier.phone("ledger.example").lostOnTheRoad("7f2a7b7e-3f55-8c49-a9f2-0c4f0f6d2a11", List.of(token)));

        assertThat(lost.kid()).isEqualTo(courier.device().kid());
        assertThat(lost.spoken().sub()).isEqualTo(courier.device().kid());
        assertThat(lost.spoken().iss()).isEqualTo("ledger.example");
        assertThat(lost.spoken().iat()).isEqualTo(NOW);
    }

    @Test
    void listsItsCarrierAsTheDeliveryServiceWantsIt() throws Exception {
        Courier courier = courier(NOW);
        Map<String, Object> listing = courier.listing(Map.of("zh", "顺丰", "en", "SF"));

        assertThat(listing)
                .containsOnlyKeys("name", "title", "jwks")
                .containsEntry("name", "sf")
                .containsEntry("title", Map.of("zh", "顺丰", "en", "SF"));
        @SuppressWarnings("unchecked") // A JWK Set is an object.
        Map<String, Object> jwks = (Map<String, Object>) listing.get("jwks");
        assertThat(JWKSet.parse(jwks).getKeys()).singleElement().isInstanceOfSatisfying(RSAKey.class, key -> {
            assertThat(key.isPrivate()).isFalse();
            assertThat(key.size()).isEqualTo(3072);
            assertThat(key.getKeyUse()).isEqualTo(KeyUse.ENCRYPTION);
            assertThat(key.getAlgorithm()).hasToString("RSA-OAEP-256");
            assertThat(key.getNotBeforeTime()).isEqualTo(NOW);
            assertThat(key.getExpirationTime()).isEqualTo(NOW.plus(VALIDITY));
        });
    }

    @Test
    void opensWhatWasSealedBeforeARotationAndAfter() {
        Courier courier = courier(NOW);
        Courier colleague = Courier.open(directory, ENVIRONMENT, ORIGIN, "sf", "zhao", clock(NOW));
        String before = seal(courier, NOW);

        Courier later = courier(NOW.plus(Duration.ofDays(80)));
        later.rotate();

        assertThat(later.publicJwks())
                .hasSize(2)
                .last()
                .isEqualTo(courier.publicJwks().getLast());
        String after = seal(later, NOW.plus(Duration.ofDays(80)));
        assertThat(after).doesNotStartWith(before.substring(0, before.indexOf('.') + 1));
        for (Courier each : List.of(courier, colleague, later)) {
            assertThat(each.readAddress(before)).isEqualTo(ADDRESS);
            assertThat(each.readAddress(after)).isEqualTo(ADDRESS);
        }
    }

    @Test
    void makesANewKeyOnceTheLastHasExpiredButStillOpensWithIt() {
        Courier courier = courier(NOW);
        String sealed = seal(courier, NOW);

        List<Map<String, Object>> onTheLastDay =
                courier(NOW.plus(VALIDITY).minusSeconds(1)).publicJwks();
        assertThat(onTheLastDay).isEqualTo(courier.publicJwks());

        Courier afterwards = courier(NOW.plus(VALIDITY));
        assertThat(afterwards.publicJwks()).hasSize(1).doesNotContainAnyElementsOf(onTheLastDay);
        assertThat(afterwards.readAddress(sealed)).isEqualTo(ADDRESS);
    }

    @Test
    void forgetsAKeyWhenNothingSealedForItCanBeOnTheRoad() {
        String sealed = seal(courier(NOW), NOW);
        Instant end = NOW.plus(VALIDITY).plus(Duration.ofDays(60));

        courier(end).rotate();
        assertThat(courier(end).readAddress(sealed)).isEqualTo(ADDRESS);

        courier(end.plusSeconds(1)).rotate();
        assertThatThrownBy(() -> courier(end).readAddress(sealed))
                .isInstanceOf(EnvelopeUnreadable.class)
                .hasMessageContaining("none of the keys of sf");
    }

    private Courier courier(Instant now) {
        return Courier.open(directory, ENVIRONMENT, ORIGIN, "sf", "zhang", clock(now));
    }

    private static String seal(Courier courier, Instant now) {
        return Device.create(ENVIRONMENT, ORIGIN, clock(now))
                .seal(ADDRESS, courier.publicJwks().getFirst());
    }

    private static Clock clock(Instant now) {
        return Clock.fixed(now, ZoneOffset.UTC);
    }
}
