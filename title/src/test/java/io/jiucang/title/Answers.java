package io.jiucang.title;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.jiucang.title.receipt.SignedAnswer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** What the payment provider answers, in the shape of WeChat Pay's API v3. */
public final class Answers {

    private Answers() {}

    /** The answer to a query for an order that is paid. */
    public static String paid(String orderNumber, long fen, Instant at) {
        return """
                {"amount":{"currency":"CNY","payer_currency":"CNY","payer_total":%d,"total":%d},"appid":"%s",\
                "attach":"","bank_type":"OTHERS","mchid":"%s","out_trade_no":"%s","payer":{"openid":"o4GgauMQvP"},\
                "promotion_detail":[],"success_time":"%s","trade_state":"SUCCESS","trade_state_desc":"支付成功",\
                "trade_type":"NATIVE","transaction_id":"4200001234202611270123456789"}""".formatted(fen, fen, Parties.APPID, Parties.PAYEE, orderNumber, time(at));
    }

    public static SignedAnswer signed(String body) {
        return signed(body, Parties.PROVIDER_KEY);
    }

    public static SignedAnswer signed(String body, KeyPair key) {
        String timestamp = "1795800000";
        String nonce = "c5ac7061fccab6bf3e254dcf98995b8c";
        try {
            Signature rsa = Signature.getInstance("SHA256withRSA");
            rsa.initSign(key.getPrivate());
            rsa.update((timestamp + "\n" + nonce + "\n").getBytes(US_ASCII));
            rsa.update(body.getBytes(UTF_8));
            rsa.update((byte) '\n');
            return new SignedAnswer(Parties.PROVIDER_SERIAL, timestamp, nonce, body.getBytes(UTF_8), rsa.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String time(Instant at) {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(at.atOffset(ZoneOffset.ofHours(8)));
    }
}
