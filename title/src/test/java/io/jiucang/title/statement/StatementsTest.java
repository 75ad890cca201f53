package io.jiucang.title.statement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jiucang.title.Actor;
import io.jiucang.title.statement.StatementRefused.Reason;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StatementsTest {

    @ParameterizedTest
    @EnumSource
    void readsWhatWasSaid(ActType type) {
        Statement<?> statement = Statements.read(Samples.jws(type));
        assertThat(statement.act()).isEqualTo(Samples.act(type));
        assertThat(statement.kid()).isEqualTo(Samples.speaker(type).id());
        assertThat(statement.isSignedBy(Samples.speaker(type).key())).isTrue();
        assertThat(statement.isSignedBy(Actor.called("stranger").key())).isFalse();
        assertThat(statement.spoken().iat()).isEqualTo(Samples.IAT);
        assertThat(statement.spoken().exp().isPresent()).isEqualTo(type.expires());
    }

    @Test
    void everyActHasItsType() {
        assertThat(Arrays.stream(ActType.values()).map(type -> type.record().getName()))
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Act.class.getPermittedSubclasses())
                        .map(Class::getName)
                        .toList());
        assertThat(Arrays.stream(ActType.values()).map(ActType::typ)).doesNotHaveDuplicates();
    }

    @Test
    void isKnownByWhatWasSaidAndNotByItsSignature() {
        String jws = Samples.jws(ActType.ORDER);
        String other = Actor.malleated(jws);
        assertThat(other).isNotEqualTo(jws);
        Statement<?> statement = Statements.read(other);
        assertThat(statement.isSignedBy(Samples.LI.key())).isTrue();
        assertThat(statement.id()).isEqualTo(Statements.read(jws).id());
    }

    @Test
    void makesIdsOfVersion8() {
        Statement<?> statement = Statements.read(Samples.jws(ActType.ORDER));
        assertThat(new String[] {
                    statement.planId().value(),
                    statement.vaultId().value(),
                    statement.orderId().value(),
                    statement.paymentId().value(),
                    statement.holdId().value()
                })
                .doesNotHaveDuplicates()
                .allSatisfy(id -> {
                    assertThat(UUID.fromString(id).version()).isEqualTo(8);
                    assertThat(UUID.fromString(id).variant()).isEqualTo(2);
                });
    }

    @Test
    void isOfOneActAlone() {
        assertThatThrownBy(() -> Statements.read(Samples.jws(ActType.ORDER), Act.Pickup.class))
                .isInstanceOfSatisfying(
                        StatementRefused.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.UNKNOWN_ACT));
    }

    @Test
    void isNotTooLong() {
        assertThatThrownBy(() -> Statements.read("e".repeat(Statements.LONGEST + 1)))
                .isInstanceOfSatisfying(
                        StatementRefused.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.TOO_LONG));
    }
}
