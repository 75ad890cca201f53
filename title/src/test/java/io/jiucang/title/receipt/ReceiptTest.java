package io.jiucang.title.receipt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jiucang.events.value.Base64Url;
import io.jiucang.events.value.Money;
import io.jiucang.events.value.Sha256;
import io.jiucang.title.Answers;
import io.jiucang.title.Parties;
import io.jiucang.title.receipt.ReceiptRefused.Reason;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Base64;
import java.util.Currency;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReceiptTest {

    private static final String NUMBER = "4b9fbb1d6f0a8e4b8f563b1f5a9ce001";
    private static final Instant PAID_AT = Instant.parse("2026-11-27T09:59:59Z");
    private static final String PAID = Answers.paid(NUMBER, 588_000, PAID_AT);
    private static final ProviderKey KEY = Parties.providerKey(Parties.PROVIDER_KEY);
    private static final Receipt.Expected EXPECTED =
            new Receipt.Expected(Parties.APPID, Parties.PAYEE, NUMBER, Currency.getInstance("CNY"));

    @Test
    void readsTheAnswerToAQuery() {
        assertThat(read(PAID))
                .isEqualTo(new Receipt(NUMBER, "4200001234202611270123456789", Money.cny(588_000), PAID_AT));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "trade_state":"SUCCESS" | "trade_state":"REFUND"   | NOT_SUCCESS
            "trade_state":"SUCCESS" | "trade_state":"CLOSED"   | NOT_SUCCESS
            "trade_state":"SUCCESS" | "trade_state":"NOTPAY"   | NOT_SUCCESS
            "trade_state":"SUCCESS" | "trade_state":true       | NOT_A_TRANSACTION
            "trade_state":"SUCCESS" | "trade_state":"CLOSED","trade_state":"SUCCESS" | NOT_JSON
            "total":588000          | "total":1,"total":588000 | NOT_JSON
            "total":588000          | "total":588000.0         | NOT_A_TRANSACTION
            "total":588000          | "total":"588000"         | NOT_A_TRANSACTION
            "total":588000          | "total":0                | NOT_A_TRANSACTION
            "total":588000          | "total":-1               | NOT_A_TRANSACTION
            "total":588000          | "total":99999999999999999999 | NOT_A_TRANSACTION
            "total":588000          | "total":588000,"refund":588000 | NOT_A_TRANSACTION
            "currency":"CNY"        | "currency":"USD"         | OTHER_CURRENCY
            "attach":""             | "sub_mchid":"1"          | NOT_A_TRANSACTION
            "attach":""             | "attach":""}             | NOT_JSON
            4200001234202611270123456789 | `` | NOT_A_TRANSACTION
            1900000001              | 1900000002               | OTHER_PAYEE
            wx0123456789abcdef      | wx0123456789abcdee       | OTHER_APPID
            4b9fbb1d6f0a8e4b8f563b1f5a9ce001 | 4b9fbb1d6f0a8e4b8f563b1f5a9ce002 | OTHER_ORDER
            +08:00                  | Z8                       | NOT_A_TRANSACTION
            """)
    void refusesEveryOtherShape(String from, String to, Reason reason) {
        assertThat(PAID).contains(from);
        assertRefused(reason, PAID.replace(from, to));
    }

    @Test
    void refusesWhatIsNoAnswerToAQuery() {
        assertRefused(Reason.NOT_A_TRANSACTION, "{\"code\":\"ORDER_NOT_EXIST\",\"message\":\"订单不存在\"}");
        assertRefused(
                Reason.NOT_A_TRANSACTION,
                "{\"id\":\"EV-1\",\"resource_type\":\"encrypt-resource\",\"resource\":{\"ciphertext\":\"AAAA\"}}");
        assertRefused(Reason.NOT_A_TRANSACTION, "{}");
        assertRefused(Reason.NOT_JSON, "[" + PAID + "]");
        assertRefused(Reason.NOT_JSON, "");
    }

    @Test
    void refusesWhatTheProviderDidNotSign() {
        SignedAnswer answer = Answers.signed(PAID);
        byte[] signature = answer.signature();
        signature[17] ^= 1;
        assertRefused(
                Reason.NOT_SIGNED,
                new SignedAnswer(answer.serial(), answer.timestamp(), answer.nonce(), answer.body(), signature));
        assertRefused(
                Reason.NOT_SIGNED,
                new SignedAnswer(answer.serial(), "1795800001", answer.nonce(), answer.body(), answer.signature()));
        assertRefused(
                Reason.NOT_SIGNED,
                new SignedAnswer("OTHER", answer.timestamp(), answer.nonce(), answer.body(), answer.signature()));
        assertRefused(Reason.NOT_SIGNED, Answers.signed(PAID, Parties.rsa()));
    }

    @Test
    void isNamedByAllItsBytes() {
        SignedAnswer answer = Answers.signed(PAID);
        assertThat(answer.sha256()).isEqualTo(Answers.signed(PAID).sha256());
        assertThat(answer.sha256())
                .isNotEqualTo(
                        new SignedAnswer("OTHER", answer.timestamp(), answer.nonce(), answer.body(), answer.signature())
                                .sha256());
    }

    @Test
    void isKeptAsItWasSigned() {
        SignedAnswer answer = Answers.signed(PAID);
        String lines = "%s\n%s\n%s\n%s\n%s\n"
                .formatted(
                        answer.serial(),
                        answer.timestamp(),
                        answer.nonce(),
                        PAID,
                        Base64.getEncoder().encodeToString(answer.signature()));
        assertThat(answer.bytes()).isEqualTo(lines.getBytes(UTF_8));
        assertThat(answer.sha256().hex()).isEqualTo(Sha256.hex(answer.bytes()));
    }

    @Test
    void aProvidersKeyIsLongEnough() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(1024);
        byte[] shortKey = generator.generateKeyPair().getPublic().getEncoded();
        String encoded = Base64Url.encode(shortKey);
        assertThatThrownBy(() -> new ProviderKey("1", encoded)).isInstanceOf(IllegalArgumentException.class);
    }

    private static Receipt read(String body) {
        return Receipt.read(Answers.signed(body), KEY, EXPECTED);
    }

    private static void assertRefused(Reason reason, String body) {
        assertRefused(reason, Answers.signed(body));
    }

    private static void assertRefused(Reason reason, SignedAnswer answer) {
        assertThatThrownBy(() -> Receipt.read(answer, KEY, EXPECTED))
                .isInstanceOfSatisfying(
                        ReceiptRefused.class,
                        refused -> assertThat(refused.reason()).isEqualTo(reason));
    }
}
