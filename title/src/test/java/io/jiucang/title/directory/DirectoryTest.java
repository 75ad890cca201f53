package io.jiucang.title.directory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jiucang.title.Parties;
import io.jiucang.title.directory.DirectoryRefused.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DirectoryTest {

    private static final String DOCUMENT = new String(Directory.write(Parties.document()), UTF_8);

    @Test
    void readsWhatTheRootsSigned() {
        Directory directory = Directory.read(Parties.signed(Parties.document()), Parties.pins());
        assertThat(directory.document()).isEqualTo(Parties.document());
        assertThat(directory.warehouseAt(Parties.SITE).map(Document.Warehouse::id))
                .contains(Parties.WAREHOUSE.name());
        assertThat(directory.account(Parties.WINERY.name(), Parties.APPID, Parties.PAYEE))
                .isPresent();
        assertThat(directory.account(Parties.WINERY.name(), Parties.APPID, "1")).isEmpty();
        assertThat(directory.serviceKey(Service.TOKEN, Parties.keyOf(Service.TOKEN)))
                .isPresent();
        assertThat(directory.serviceKey(Service.TOKEN, Parties.keyOf(Service.ORDER)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "law":1            | "law":2                    | UNKNOWN_LAW
            "law":1            | "law":"1"                  | UNKNOWN_LAW
            "number":1         | "number":2                 | NOT_THE_FIRST
            "number":1         | "number":1,"number":1      | MALFORMED
            "number":1         | "number":1,"previous":"00" | MALFORMED
            "number":1         | "number": 1                | MALFORMED
            "tickAhead":3600   | "tickAhead":0              | MALFORMED
            "statementLife":900, | ``                       | MALFORMED
            ledger.example     | other.example              | MALFORMED
            "name":"order"     | "name":"token"             | MALFORMED
            "name":"order"     | "name":"bank"              | MALFORMED
            "id":"other-carrier" | "id":"carrier"           | MALFORMED
            "luohan"           | "huangyi"                  | MALFORMED
            "until":4070908800 | "until":4070908800.5       | MALFORMED
            """)
    void refusesAnyOtherDocument(String from, String to, Reason reason) {
        assertThat(DOCUMENT).contains(from);
        assertRefused(reason, Parties.signed(DOCUMENT.replace(from, to).getBytes(UTF_8), "root"));
    }

    @Test
    void refusesOtherSignatures() {
        byte[] document = DOCUMENT.getBytes(UTF_8);
        assertRefused(Reason.NOT_SIGNED, Parties.signed(document));
        assertRefused(Reason.NOT_SIGNED, Parties.signed(document, "thief"));
        assertRefused(Reason.NOT_SIGNED, Parties.signed(document, "root", "thief"));
        assertRefused(Reason.NOT_SIGNED, Parties.signed(document, "root", "root"));
    }

    @Test
    void refusesOtherEnvelopes() {
        String envelope = new String(Parties.signed(Parties.document()), UTF_8);
        assertRefused(Reason.NOT_AN_ENVELOPE, ("{ " + envelope.substring(1)).getBytes(UTF_8));
        assertRefused(Reason.NOT_AN_ENVELOPE, envelope.replace("vnd.", "x.").getBytes(UTF_8));
        assertRefused(Reason.NOT_AN_ENVELOPE, "[]".getBytes(UTF_8));
        assertRefused(
                Reason.NOT_AN_ENVELOPE,
                envelope.replace("\"keyid\"", "\"more\":1,\"keyid\"").getBytes(UTF_8));
        assertRefused(
                Reason.NOT_SIGNED,
                envelope.replace("\"payload\":\"eyJ", "\"payload\":\"eyI").getBytes(UTF_8));
    }

    private static void assertRefused(Reason reason, byte[] envelope) {
        assertThatThrownBy(() -> Directory.read(envelope, Parties.pins()))
                .isInstanceOfSatisfying(
                        DirectoryRefused.class,
                        refused -> assertThat(refused.reason())
                                .as(refused.getMessage())
                                .isEqualTo(reason));
    }
}
