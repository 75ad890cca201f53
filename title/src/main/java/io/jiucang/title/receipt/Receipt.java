package io.jiucang.title.receipt;

import static io.jiucang.title.receipt.ReceiptRefused.Reason.NOT_A_TRANSACTION;
import static io.jiucang.title.receipt.ReceiptRefused.Reason.NOT_JSON;
import static io.jiucang.title.receipt.ReceiptRefused.Reason.NOT_SIGNED;
import static io.jiucang.title.receipt.ReceiptRefused.Reason.NOT_SUCCESS;
import static io.jiucang.title.receipt.ReceiptRefused.Reason.OTHER_APPID;
import static io.jiucang.title.receipt.ReceiptRefused.Reason.OTHER_CURRENCY;
import static io.jiucang.title.receipt.ReceiptRefused.Reason.OTHER_ORDER;
import static io.jiucang.title.receipt.ReceiptRefused.Reason.OTHER_PAYEE;

import io.jiucang.events.value.Money;
import io.jiucang.title.form.StrictJson;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Currency;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * That a buyer's money has come in, on the provider's word; made by {@link #read} alone from the signed answer to a query
 * for the order's number. Whether amount and time fit the order is for its sale: what came too late or is too little is
 * money all the same, and has to go back.
 *
 * @param orderNumber the provider's {@code out_trade_no}: the payment id without hyphens
 * @param transactionId the provider's own number of what was paid
 * @param paidAt {@code success_time}
 */
public record Receipt(String orderNumber, String transactionId, Money amount, Instant paidAt) {

    private static final Set<String> TRANSACTION = Set.of(
            "amount",
            "appid",
            "attach",
            "bank_type",
            "mchid",
            "out_trade_no",
            "payer",
            "promotion_detail",
            "scene_info",
            "success_time",
            "trade_state",
            "trade_state_desc",
            "trade_type",
            "transaction_id");
    private static final Set<String> AMOUNT = Set.of("currency", "payer_currency", "payer_total", "total");

    /** What an order expects to find in its receipt. */
    public record Expected(String appid, String payee, String orderNumber, Currency currency) {}

    /** @throws ReceiptRefused with the reason; the signature covers neither URL nor status, so every field counts */
    public static Receipt read(SignedAnswer answer, ProviderKey key, Expected expected) {
        if (!answer.serial().equals(key.serial()) || !key.verifies(answer.signedMessage(), answer.signature())) {
            throw new ReceiptRefused(NOT_SIGNED, "not by the key " + key.serial());
        }
        ObjectNode transaction = object(answer.body());
        requireMembers(transaction, TRANSACTION);
        String state = text(transaction, "trade_state");
        if (!state.equals("SUCCESS")) {
            throw new ReceiptRefused(NOT_SUCCESS, "trade_state " + state);
        }
        requireSame(transaction, "appid", expected.appid(), OTHER_APPID);
        requireSame(transaction, "mchid", expected.payee(), OTHER_PAYEE);
        requireSame(transaction, "out_trade_no", expected.orderNumber(), OTHER_ORDER);
        if (!(transaction.path("amount") instanceof ObjectNode amount)) {
            throw new ReceiptRefused(NOT_A_TRANSACTION, "no amount");
        }
        requireMembers(amount, AMOUNT);
        requireSame(amount, "currency", expected.currency().getCurrencyCode(), OTHER_CURRENCY);
        return new Receipt(
                expected.orderNumber(),
                nonBlank(transaction, "transaction_id"),
                new Money(expected.currency(), positive(amount, "total")),
                time(transaction, "success_time"));
    }

    private static ObjectNode object(byte[] body) {
        try {
            return StrictJson.readObject(body);
        } catch (IllegalArgumentException e) {
            throw new ReceiptRefused(NOT_JSON, "not one JSON object, or a name stands twice", e);
        }
    }

    private static void requireMembers(ObjectNode object, Set<String> known) {
        for (String name : object.propertyNames()) {
            if (!known.contains(name)) {
                throw new ReceiptRefused(NOT_A_TRANSACTION, "unknown member " + name);
            }
        }
    }

    private static void requireSame(ObjectNode object, String name, String expected, ReceiptRefused.Reason otherwise) {
        if (!text(object, name).equals(expected)) {
            throw new ReceiptRefused(otherwise, name + " is not " + expected);
        }
    }

    private static String text(ObjectNode object, String name) {
        JsonNode value = object.path(name);
        if (!value.isString()) {
            throw new ReceiptRefused(NOT_A_TRANSACTION, name + " is not a string");
        }
        return value.stringValue();
    }

    private static String nonBlank(ObjectNode object, String name) {
        String value = text(object, name);
        if (value.isBlank()) {
            throw new ReceiptRefused(NOT_A_TRANSACTION, name + " is blank");
        }
        return value;
    }

    private static long positive(ObjectNode object, String name) {
        JsonNode value = object.path(name);
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 1) {
            throw new ReceiptRefused(NOT_A_TRANSACTION, name + " is not a positive integer");
        }
        return value.longValue();
    }

    private static Instant time(ObjectNode object, String name) {
        try {
            return OffsetDateTime.parse(text(object, name), DateTimeFormatter.ISO_OFFSET_DATE_TIME)
                    .toInstant();
        } catch (DateTimeParseException e) {
            throw new ReceiptRefused(NOT_A_TRANSACTION, name + " is not a time in RFC 3339", e);
        }
    }
}
