package io.jiucang.starter;

import static io.jiucang.starter.test.ForgedStatements.notCanonical;
import static io.jiucang.starter.test.ForgedStatements.signedBy;
import static io.jiucang.starter.test.ForgedStatements.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.jiucang.events.TokenEvent;
import io.jiucang.events.TokenEvent.KeyEndorsed;
import io.jiucang.events.TokenEvent.KeyRevoked;
import io.jiucang.events.TokenEvent.WalletBorn;
import io.jiucang.simulators.device.Device;
import io.jiucang.starter.test.RealInfrastructure;
import io.jiucang.starter.test.RunningService;
import io.jiucang.starter.test.TestPlatform;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Token-service's key is in the test's hands: of wallets it can say nothing that they did not say themselves. */
@RealInfrastructure
class WalletKeysIT {

    @RegisterExtension
    static final RunningService service = new RunningService(SampleApplication.class, "order");

    private final Device first = Device.create(TestPlatform.ENVIRONMENT, TestPlatform.ORIGIN, Clock.systemUTC());
    private final Device second = first.another();
    private final Device stranger = Device.create(TestPlatform.ENVIRONMENT, TestPlatform.ORIGIN, Clock.systemUTC());

    @Test
    void believesNoBirthButTheWalletsOwn() {
        String birth = first.birth();
        notCanonical(birth, first).values().forEach(text -> assertVoid(born(text)));
        assertVoid(born(signedBy(stranger, birth)));
        assertVoid(born(second.birth()));
        assertVoid(born(stranger.birth()));
        assertVoid(born(with("iss", "\"staging/ledger\"", birth, first)));
        assertVoid(born(first.endorsement(second)));
        assertThat(keys()).isEmpty();

        assertEffect(born(birth));
        assertVoid(born(birth));
        assertVoid(born(first.birth()));
        assertThat(keys()).containsExactly(first.kid());
    }

    @Test
    void believesNoEndorsementButOfAStandingKey() {
        assertVoid(endorsed(first.endorsement(second)));
        assertEffect(born(first.birth()));
        notCanonical(first.endorsement(second), first).values().forEach(text -> assertVoid(endorsed(text)));
        assertVoid(endorsed(second.endorsement(second)));
        assertVoid(endorsed(stranger.endorsement(second)));
        assertVoid(endorsed(signedBy(stranger, first.endorsement(second))));
        assertThat(keys()).containsExactly(first.kid());

        assertEffect(endorsed(first.endorsement(second)));
        assertVoid(endorsed(first.endorsement(second)));
        assertEffect(revoked(first.revocation(second.kid())));
        assertVoid(endorsed(second.endorsement(first.another())));
        assertVoid(endorsed(first.endorsement(second)));
        assertThat(keys()).containsExactly(first.kid());
    }

    @Test
    void believesNoRevocationButOfAnOlderKey() {
        assertEffect(born(first.birth()));
        assertVoid(revoked(first.revocation(first.kid())));
        assertEffect(endorsed(first.endorsement(second)));
        assertVoid(revoked(second.revocation(first.kid())));
        assertVoid(revoked(first.revocation(stranger.kid())));
        assertVoid(revoked(stranger.revocation(second.kid())));
        notCanonical(first.revocation(second.kid()), first).values().forEach(text -> assertVoid(revoked(text)));
        assertThat(keys()).containsExactly(first.kid(), second.kid());

        assertEffect(revoked(second.revocation(second.kid())));
        assertVoid(revoked(first.revocation(second.kid())));
        assertThat(keys()).containsExactly(first.kid());
    }

    private WalletBorn born(String statement) {
        return new WalletBorn(first.wallet(), statement);
    }

    private KeyEndorsed endorsed(String statement) {
        return new KeyEndorsed(first.wallet(), statement);
    }

    private KeyRevoked revoked(String statement) {
        return new KeyRevoked(first.wallet(), statement);
    }

    private void assertVoid(TokenEvent event) {
        double before = voided();
        tell(event);
        assertThat(voided()).as("void: %s", event).isEqualTo(before + 1);
    }

    private void assertEffect(TokenEvent event) {
        double before = voided();
        tell(event);
        assertThat(voided()).as("void: %s", event).isEqualTo(before);
    }

    private void tell(TokenEvent event) {
        service.publishInTurn(List.of(service.platform().signed(event, first.wallet())));
    }

    private static double voided() {
        return SampleFixtures.voided(service);
    }

    private List<String> keys() {
        return service.bean(JdbcClient.class)
                .sql("select kid from wallet_key where wallet = ? and revoked_at is null order by position")
                .param(first.wallet())
                .query((row, number) -> row.getString(1))
                .list();
    }
}
