package io.jiucang.starter.test;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.util.Base64URL;
import io.jiucang.simulators.device.Device;
import java.math.BigInteger;
import java.text.ParseException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What no well-meant device signs, though its key would. */
public final class ForgedStatements {

    private ForgedStatements() {}

    /** A device's statement in other forms than its own, by what is wrong; but for that, each would be good. */
    public static Map<String, String> notCanonical(String statement, Device device) {
        String[] parts = statement.split("\\.", -1);
        String header = new Base64URL(parts[0]).decodeToString();
        String payload = new Base64URL(parts[1]).decodeToString();
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("no JWS", "a.b.c");
        texts.put("padding", statement + "=");
        texts.put("a character that is not base64url", statement + "~");
        texts.put("an extra header", signed(header.replace("}", ",\"url\":\"Jiefang Road 1\"}"), payload, device));
        texts.put("free text in typ", signed(header.replaceFirst("jiucang-", "Jiefang Road 1-"), payload, device));
        texts.put("white space", signed(header, payload.replaceFirst(",", ", "), device));
        texts.put(
                "a claim twice",
                signed(header, payload.replaceFirst("\"iss\"", "\"iss\":\"Jiefang Road 1\",\"iss\""), device));
        texts.put("a claim more", signed(header, payload.replaceFirst("}$", ",\"zip\":\"646000\"}"), device));
        texts.put("a claim less", signed(header, payload.replaceFirst("\"jti\":\"[^\"]*\",", ""), device));
        texts.put(
                "free text in jti",
                signed(header, payload.replaceFirst("\"jti\":\"[^\"]*\"", "\"jti\":\"Jiefang Road 1\""), device));
        texts.put("an escape", signed(header, payload.replaceFirst("\"jti\"", "\"\\\\u006ati\""), device));
        return texts;
    }

    /** One of its claims replaced. */
    public static String with(String claim, String json, String statement, Device device) {
        String[] parts = statement.split("\\.", -1);
        String payload = new Base64URL(parts[1]).decodeToString();
        Matcher old = Pattern.compile("\"" + claim + "\":(\"[^\"]*\"|[0-9]+)").matcher(payload);
        if (!old.find()) {
            throw new IllegalArgumentException(claim + " is not in " + payload);
        }
        String changed = old.replaceFirst("\"" + claim + "\":" + json);
        return signed(new Base64URL(parts[0]).decodeToString(), changed, device);
    }

    /** The same words, another signature. */
    public static String signedBy(Device other, String statement) {
        String[] parts = statement.split("\\.", -1);
        return signed(new Base64URL(parts[0]).decodeToString(), new Base64URL(parts[1]).decodeToString(), other);
    }

    /** The other good signature of the same words, which anybody can make of the first: r and n − s. */
    public static String withTheOtherSignature(String statement) {
        int end = statement.lastIndexOf('.') + 1;
        byte[] signature = new Base64URL(statement.substring(end)).decode();
        BigInteger order = Curve.P_256.toECParameterSpec().getOrder();
        byte[] other = order.subtract(new BigInteger(1, Arrays.copyOfRange(signature, 32, 64)))
                .toByteArray();
        Arrays.fill(signature, 32, 64, (byte) 0);
        int length = Math.min(other.length, 32);
        System.arraycopy(other, other.length - length, signature, 64 - length, length);
        return statement.substring(0, end) + Base64URL.encode(signature);
    }

    private static String signed(String header, String payload, Device device) {
        String input = Base64URL.encode(header) + "." + Base64URL.encode(payload);
        try {
            return input + "."
                    + new ECDSASigner(ECKey.parse(device.save()))
                            .sign(new JWSHeader(JWSAlgorithm.ES256), input.getBytes(US_ASCII));
        } catch (JOSEException | ParseException e) {
            throw new IllegalStateException(e);
        }
    }
}
