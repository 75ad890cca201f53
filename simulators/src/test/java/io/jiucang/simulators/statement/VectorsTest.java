package io.jiucang.simulators.statement;

import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.simulators.device.HandoverCode;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.ActType;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The simulators say what {@code docs/statements.json} says, byte for byte but for the signature, and know it by the same ids. */
class VectorsTest {

    @ParameterizedTest
    @EnumSource
    void everyActIsSaidAsTheVectorHasIt(ActType type) {
        JsonNode vector = Vectors.of(type);
        String expected = Vectors.text(vector, "jws");
        Statement<?> statement = Statements.read(expected);
        Act.Speaker role = type.speakers().iterator().next();
        SigningKey key = key(Vectors.text(vector, "key"));
        Speaker speaker = new Speaker(
                Vectors.text(Vectors.FILE, "origin"),
                statement.spoken().sub(),
                key,
                role == Act.Speaker.WALLET ? Optional.of(Duration.ofMinutes(5)) : Optional.empty(),
                Clock.fixed(statement.spoken().iat(), ZoneOffset.UTC),
                only(Base64.getUrlDecoder().decode(statement.spoken().jti())));

        String said = Voices.say(statement.act(), role, speaker);

        assertThat(Vectors.signingInput(said)).isEqualTo(Vectors.signingInput(expected));
        assertThat(Statements.read(said).isSignedBy(Voices.publicKey(key))).isTrue();
        assertThat(StatementId.of(said).hex()).isEqualTo(Vectors.text(vector, "id"));
    }

    @ParameterizedTest
    @EnumSource(names = {"OFFER", "ORDER", "PICKUP"})
    void idsAreMadeAsTheVectorsHaveThem(ActType type) {
        JsonNode vector = Vectors.of(type);
        StatementId id = StatementId.of(Vectors.text(vector, "jws"));
        Map<String, String> made = switch (type) {
            case OFFER -> Map.of("plan", id.planId(), "vault", id.vaultId());
            case ORDER -> Map.of("order", id.orderId(), "payment", id.paymentId());
            default -> Map.of("hold", id.holdId());
        };

        assertThat(made).hasSameSizeAs(vector.path("ids"));
        made.forEach((kind, uuid) -> assertThat(uuid).isEqualTo(Vectors.text(vector.path("ids"), kind)));
    }

    @Test
    void anotherSignatureMakesNoOtherStatement() {
        JsonNode malleated = Vectors.FILE.path("malleated");
        assertThat(StatementId.of(Vectors.text(malleated, "jws")).hex()).isEqualTo(Vectors.text(malleated, "id"));
    }

    @Test
    void keysHaveTheirThumbprints() {
        assertThat(Vectors.FILE.path("keys").propertyNames())
                .isNotEmpty()
                .allSatisfy(name -> assertThat(key(name).thumbprint())
                        .isEqualTo(Vectors.text(Vectors.FILE.path("keys").path(name), "thumbprint")));
    }

    @Test
    void aCodeOpensItsHashlock() {
        JsonNode lock = Vectors.FILE.path("hashlock");
        assertThat(new HandoverCode(Vectors.text(lock, "code"))
                        .hashlock(Vectors.text(lock, "pickup"), Vectors.text(lock, "token")))
                .isEqualTo(Vectors.text(lock, "hashlock"));
    }

    private static SigningKey key(String name) {
        JsonNode key = Vectors.FILE.path("keys").path(name);
        return SigningKey.restore(JsonMapper.shared()
                .writeValueAsString(Map.of(
                        "kty",
                        "EC",
                        "crv",
                        "P-256",
                        "x",
                        Vectors.text(key, "x"),
                        "y",
                        Vectors.text(key, "y"),
                        "d",
                        Vectors.text(key, "d"))));
    }

    private static RandomGenerator only(byte[] bytes) {
        return new RandomGenerator() {
            @Override
            public void nextBytes(byte[] drawn) {
                assertThat(drawn).hasSameSizeAs(bytes);
                System.arraycopy(bytes, 0, drawn, 0, bytes.length);
            }

            @Override
            public long nextLong() {
                throw new AssertionError("a jti is drawn as bytes");
            }
        };
    }
}
