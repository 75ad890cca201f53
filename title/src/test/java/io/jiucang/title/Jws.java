package io.jiucang.title;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jiucang.events.value.Base64Url;
import java.util.function.UnaryOperator;

/** Takes a compact JWS apart and puts another one together. */
public final class Jws {

    private Jws() {}

    public static String header(String jws) {
        return new String(Base64Url.decode(jws.split("\\.", -1)[0]), UTF_8);
    }

    public static String payload(String jws) {
        return new String(Base64Url.decode(jws.split("\\.", -1)[1]), UTF_8);
    }

    public static String withHeader(String jws, UnaryOperator<String> change) {
        String[] parts = jws.split("\\.", -1);
        return encoded(change.apply(header(jws))) + "." + parts[1] + "." + parts[2];
    }

    public static String withPayload(String jws, UnaryOperator<String> change) {
        String[] parts = jws.split("\\.", -1);
        return parts[0] + "." + encoded(change.apply(payload(jws))) + "." + parts[2];
    }

    private static String encoded(String text) {
        return Base64Url.encode(text.getBytes(UTF_8));
    }
}
