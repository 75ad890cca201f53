package io.jiucang.simulators.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jiucang.simulators.device.Browser.ScriptRefused;
import io.jiucang.simulators.statement.Vectors;
import io.jiucang.title.form.P256Key;
import io.jiucang.title.statement.Act;
import io.jiucang.title.statement.ActType;
import io.jiucang.title.statement.Statement;
import io.jiucang.title.statement.Statements;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The wallet in a browser says what {@code docs/statements.json} says, and what the law's own codec reads. */
class BrowserWalletTest {

    private static final String CODE = "0123456789ABCDEF";
    private static final long IAT = 1_795_766_400;

    private static final Browser browser = Browser.open();

    @BeforeAll
    static void start() {
        browser.evaluate("void (globalThis.now = () => %s)", IAT * 1000 + 999);
        browser.evaluate("""
                void (globalThis.vectorKeys = async ({ x, y, d }) => {
                  const jwk = { kty: 'EC', crv: 'P-256', x, y };
                  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
                  return {
                    publicKey: await crypto.subtle.importKey('jwk', jwk, algorithm, true, ['verify']),
                    privateKey: await crypto.subtle.importKey('jwk', { ...jwk, d }, algorithm, false, ['sign']),
                  };
                })""");
        browser.evaluate(
                "void (globalThis.li = await statements.Wallet.create(%s, await vectorKeys(%s), undefined, now))",
                Vectors.FILE.path("origin"), Vectors.FILE.path("keys").path("li"));
        browser.evaluate(
                "void (globalThis.wang = await statements.Wallet.create('ledger.test', await device.Device.newKeys(), undefined, now))");
    }

    @AfterAll
    static void stop() {
        browser.close();
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "ORDER",
                "ORDER_CANCELLATION",
                "PICKUP",
                "PICKUP_CANCELLATION",
                "MONEY_BACK",
                "WALLET_BIRTH",
                "KEY_ENDORSEMENT",
                "KEY_REVOCATION"
            })
    void everyActIsSaidAsTheVectorHasIt(ActType type) {
        JsonNode vector = Vectors.of(type);
        String expected = Vectors.text(vector, "jws");
        Statement<?> statement = Statements.read(expected);

        // What WebCrypto would draw; an own property hides the method until it is deleted.
        browser.evaluate(
                "void (crypto.getRandomValues = (bytes) => (bytes.set(device.decode(%s)), bytes))",
                statement.spoken().jti());
        String said;
        try {
            said = say("li", type);
        } finally {
            browser.evaluate("void (delete crypto.getRandomValues)");
        }

        assertThat(Vectors.signingInput(said)).isEqualTo(Vectors.signingInput(expected));
        assertThat(Statements.read(said).isSignedBy(key("li"))).isTrue();
        assertThat(browser.evaluate("statements.statementId(%s)", said)).isEqualTo(vector.path("id"));
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.MATCH_ANY,
            names = {"ORDER(_.*)?", "PICKUP(_.*)?", "MONEY_BACK", "KEY_.*"})
    void whatANewKeySaysIsReadAsItWasMeant(ActType type) {
        Statement<?> said = Statements.read(say("wang", type));

        assertThat(said.act())
                .isEqualTo(
                        Statements.read(Vectors.text(Vectors.of(type), "jws")).act());
        assertThat(said.isSignedBy(key("wang"))).isTrue();
        assertThat(said.isSignedBy(key("li"))).isFalse();
        assertThat(said.kid())
                .isEqualTo(said.spoken().sub())
                .isEqualTo(key("wang").thumbprint());
        assertThat(said.spoken().iss()).isEqualTo("ledger.test");
        assertThat(said.spoken().iat().getEpochSecond()).isEqualTo(IAT);
        assertThat(said.spoken().exp().orElseThrow().getEpochSecond()).isEqualTo(IAT + 300);
    }

    @Test
    void isBornWithoutRecoveryIfNoneIsNamed() {
        Statement<Act.WalletBirth> birth =
                Statements.read(browser.evaluate("wang.birth()").stringValue(), Act.WalletBirth.class);

        assertThat(birth.act()).isEqualTo(new Act.WalletBirth(key("wang"), List.of()));
    }

    @Test
    void speaksForTheWalletThatItsKeyJoined() {
        Statement<?> said =
                Statements.read(browser.evaluate("""
                        (await statements.Wallet.create('ledger.test', await device.Device.newKeys(), %s, now))
                          .keyRevocation(wang.kid)""", key("li").thumbprint()).stringValue());

        assertThat(said.spoken().sub()).isEqualTo(key("li").thumbprint()).isNotEqualTo(said.kid());
    }

    @Test
    void aPhoneSaysADeliveryAsTheVectorHasIt() {
        JsonNode vector = Vectors.of(ActType.DELIVERY);
        Statement<Act.Delivery> expected = Statements.read(Vectors.text(vector, "jws"), Act.Delivery.class);
        browser.evaluate(
                "void (globalThis.phone = await statements.Phone.create(%s, await vectorKeys(%s), undefined, now))",
                Vectors.FILE.path("origin"), Vectors.FILE.path("keys").path(Vectors.text(vector, "key")));
        JsonNode claims = JsonMapper.shared().readTree(Vectors.text(vector, "payload"));

        Statement<Act.Delivery> said = Statements.read(
                browser.evaluate("phone.delivery(%s, %s)", claims.path("hold"), claims.path("codes"))
                        .stringValue(),
                Act.Delivery.class);

        assertThat(said.act()).isEqualTo(expected.act());
        assertThat(said.spoken().sub()).isEqualTo(expected.spoken().sub()).isEqualTo(said.kid());
        assertThat(said.spoken().exp()).isEmpty();
        assertThat(said.isSignedBy(key("phone"))).isTrue();
    }

    @Test
    void sayingItAgainIsAnotherStatement() {
        assertThat(browser.evaluate("statements.statementId(%s)", say("wang", ActType.MONEY_BACK)))
                .isNotEqualTo(browser.evaluate("statements.statementId(%s)", say("wang", ActType.MONEY_BACK)));
    }

    @ParameterizedTest
    @EnumSource(names = {"OFFER", "ORDER", "PICKUP"})
    void idsAreMadeAsTheVectorsHaveThem(ActType type) {
        JsonNode vector = Vectors.of(type);

        assertThat(vector.path("ids").propertyNames())
                .isNotEmpty()
                .allSatisfy(kind -> assertThat(browser.evaluate("statements.madeId(%s, %s)", kind, vector.path("jws")))
                        .isEqualTo(vector.path("ids").path(kind)));
    }

    @Test
    void anotherSignatureMakesNoOtherStatement() {
        JsonNode malleated = Vectors.FILE.path("malleated");
        assertThat(browser.evaluate("statements.statementId(%s)", malleated.path("jws")))
                .isEqualTo(malleated.path("id"));
    }

    @Test
    void aCodeOpensItsHashlockHoweverItIsWritten() {
        JsonNode lock = Vectors.FILE.path("hashlock");
        assertThat(browser.evaluate(
                        "statements.hashlock(%s, %s, 'oi23 4567-89ab cdef')", lock.path("pickup"), lock.path("token")))
                .isEqualTo(lock.path("hashlock"));
    }

    @Test
    void refusesAPickupUnderWhatIsNoHandoverCode() {
        assertThatThrownBy(() -> browser.evaluate("wang.pickup('p', 'sf', 'sealed', { 'vault.1': '0123' }, 1)"))
                .isInstanceOf(ScriptRefused.class)
                .hasMessageStartingWith("HANDOVER_CODE_MALFORMED");
    }

    /** The vector's act, said by this global. */
    private static String say(String wallet, ActType type) {
        JsonNode claims = JsonMapper.shared().readTree(Vectors.text(Vectors.of(type), "payload"));
        JsonNode said = switch (type) {
            case ORDER ->
                browser.evaluate(
                        wallet + ".order(%s, %s, %s, %s, %s)",
                        claims.path("offer"),
                        claims.path("quantity"),
                        claims.path("total").path("minorUnits"),
                        claims.path("agreement"),
                        claims.path("payBy"));
            case ORDER_CANCELLATION -> browser.evaluate(wallet + ".orderCancellation(%s)", claims.path("order"));
            case PICKUP ->
                browser.evaluate(
                        wallet + ".pickup(%s, %s, 'envelope', %s, %s)",
                        claims.path("pickup"),
                        claims.path("carrier"),
                        codes(claims.path("hashlocks")),
                        claims.path("until"));
            case PICKUP_CANCELLATION -> browser.evaluate(wallet + ".pickupCancellation(%s)", claims.path("hold"));
            case MONEY_BACK ->
                browser.evaluate(wallet + ".moneyBack(%s, %s.reverse())", claims.path("order"), claims.path("tokens"));
            case WALLET_BIRTH ->
                browser.evaluate(wallet + ".birth(%s)", claims.path("recovery").path(0));
            case KEY_ENDORSEMENT -> browser.evaluate(wallet + ".keyEndorsement(%s)", claims.path("key"));
            case KEY_REVOCATION -> browser.evaluate(wallet + ".keyRevocation(%s)", claims.path("key"));
            default -> throw new AssertionError("a wallet does not say " + type);
        };
        return said.stringValue();
    }

    /** Of the vector's tokens, in another order than theirs. */
    private static Map<String, String> codes(JsonNode hashlocks) {
        Map<String, String> codes = new LinkedHashMap<>();
        List.copyOf(hashlocks.propertyNames()).reversed().forEach(token -> codes.put(token, CODE));
        return codes;
    }

    private static P256Key key(String wallet) {
        JsonNode jwk = browser.evaluate(wallet + ".publicKey");
        return new P256Key(
                Vectors.text(jwk, "crv"), Vectors.text(jwk, "kty"), Vectors.text(jwk, "x"), Vectors.text(jwk, "y"));
    }
}
