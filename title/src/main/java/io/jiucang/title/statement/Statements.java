package io.jiucang.title.statement;

import static io.jiucang.title.statement.StatementRefused.Reason.CLAIMS;
import static io.jiucang.title.statement.StatementRefused.Reason.HEADER;
import static io.jiucang.title.statement.StatementRefused.Reason.NOT_A_JWS;
import static io.jiucang.title.statement.StatementRefused.Reason.NOT_CANONICAL;
import static io.jiucang.title.statement.StatementRefused.Reason.TOO_LONG;
import static io.jiucang.title.statement.StatementRefused.Reason.UNKNOWN_ACT;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.jiucang.events.value.Base64Url;
import io.jiucang.title.form.StrictJson;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The codec of statements: compact JWS (RFC 7515) with ES256, in the one form that {@code docs/statements.md} describes.
 *
 * <p>Whatever is read is written again and must come out byte for byte, so that there is no second spelling.
 */
public final class Statements {

    /** In characters. */
    public static final int LONGEST = 32_768;

    private static final int SIGNATURE_BYTES = 64;
    private static final Pattern HEADER_FORM =
            Pattern.compile("\\{\"alg\":\"ES256\",\"kid\":\"([A-Za-z0-9_-]{43})\",\"typ\":\"([a-z0-9-]{1,64})\"}");

    private Statements() {}

    /** @throws StatementRefused unless the text is a statement in canonical form; the signature is not verified yet */
    public static Statement<?> read(String jws) {
        if (jws.length() > LONGEST) {
            throw new StatementRefused(TOO_LONG, jws.length() + " characters, " + LONGEST + " at most");
        }
        String[] parts = jws.split("\\.", -1);
        if (parts.length != 3) {
            throw new StatementRefused(NOT_A_JWS, "three parts are expected, not " + parts.length);
        }
        Matcher header = HEADER_FORM.matcher(new String(part(parts[0]), UTF_8));
        if (!header.matches()) {
            throw new StatementRefused(HEADER, "not exactly alg, kid and typ");
        }
        byte[] payload = part(parts[1]);
        byte[] signature = part(parts[2]);
        if (signature.length != SIGNATURE_BYTES) {
            throw new StatementRefused(NOT_A_JWS, "a signature has 64 bytes, not " + signature.length);
        }
        ActType type = typeOf(header.group(2));
        Spoken spoken;
        Act act;
        try {
            ObjectNode claims = StrictJson.readObject(payload);
            spoken = takeSpoken(claims, type.expires());
            act = StrictJson.bind(claims, type.record());
        } catch (IllegalArgumentException e) {
            throw new StatementRefused(CLAIMS, "not the claims of a " + type.typ() + ": " + e.getMessage(), e);
        }
        if (!Arrays.equals(payload, payload(spoken, act))) {
            throw new StatementRefused(NOT_CANONICAL, "the claims are not in canonical form");
        }
        byte[] signingInput = (parts[0] + "." + parts[1]).getBytes(US_ASCII);
        return new Statement<>(header.group(1), spoken, act, signingInput, signature);
    }

    /** @throws StatementRefused also if it is another act */
    public static <A extends Act> Statement<A> read(String jws, Class<A> act) {
        return read(jws).as(act);
    }

    /** What is to be signed: {@code header.payload}. */
    public static String signingInput(String kid, Spoken spoken, Act act) {
        String header = "{\"alg\":\"ES256\",\"kid\":\"" + kid + "\",\"typ\":\""
                + ActType.of(act).typ() + "\"}";
        return Base64Url.encode(header.getBytes(US_ASCII)) + "." + Base64Url.encode(payload(spoken, act));
    }

    private static byte[] part(String text) {
        try {
            return Base64Url.decode(text);
        } catch (IllegalArgumentException e) {
            throw new StatementRefused(NOT_A_JWS, "a part is not in strict base64url", e);
        }
    }

    private static ActType typeOf(String typ) {
        try {
            return ActType.of(typ);
        } catch (IllegalArgumentException e) {
            throw new StatementRefused(UNKNOWN_ACT, typ, e);
        }
    }

    /** Takes the claims that all statements have out of the others. */
    private static Spoken takeSpoken(ObjectNode claims, boolean expires) {
        return new Spoken(
                takeText(claims, "iss"),
                takeText(claims, "sub"),
                takeText(claims, "jti"),
                takeTime(claims, "iat"),
                expires ? Optional.of(takeTime(claims, "exp")) : Optional.empty());
    }

    private static String takeText(ObjectNode claims, String name) {
        return StrictJson.bind(take(claims, name), String.class);
    }

    private static Instant takeTime(ObjectNode claims, String name) {
        return StrictJson.bind(take(claims, name), Instant.class);
    }

    private static JsonNode take(ObjectNode claims, String name) {
        JsonNode value = claims.remove(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value;
    }

    private static byte[] payload(Spoken spoken, Act act) {
        ObjectNode claims = StrictJson.toObject(act)
                .put("iss", spoken.iss())
                .put("sub", spoken.sub())
                .put("jti", spoken.jti())
                .put("iat", spoken.iat().getEpochSecond());
        spoken.exp().ifPresent(exp -> claims.put("exp", exp.getEpochSecond()));
        return StrictJson.write(claims);
    }
}
