package io.jiucang.starter.web;

import static io.jiucang.starter.RequestRejected.Reason.BODY_TOO_LARGE;
import static io.jiucang.starter.RequestRejected.Reason.MALFORMED_BODY;

import io.jiucang.starter.RequestRejected;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Type;
import java.nio.charset.CharacterCodingException;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.RequestBodyAdviceAdapter;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

/** Holds a JSON body to texts that can be stored and written again; all else about it is Jackson's to refuse. */
@RestControllerAdvice
final class BodyCheck extends RequestBodyAdviceAdapter {

    private final JsonMapper json;

    BodyCheck(JsonMapper json) {
        this.json = json;
    }

    @Override
    public boolean supports(MethodParameter parameter, Type type, Class<? extends HttpMessageConverter<?>> converter) {
        return true;
    }

    @Override
    public HttpInputMessage beforeBodyRead(
            HttpInputMessage message,
            MethodParameter parameter,
            Type type,
            Class<? extends HttpMessageConverter<?>> converter)
            throws IOException {
        byte[] body = message.getBody().readNBytes(IdempotencyFilter.LARGEST_BODY + 1);
        if (body.length > IdempotencyFilter.LARGEST_BODY) {
            throw new RequestRejected(BODY_TOO_LARGE, "at most " + IdempotencyFilter.LARGEST_BODY + " bytes");
        }
        try {
            String text = WellFormedFilter.text(body);
            WellFormedFilter.requireNoNul(text);
            if (text.contains("\\u")) {
                requireTexts(text);
            }
        } catch (CharacterCodingException e) {
            throw new RequestRejected(MALFORMED_BODY, "not UTF-8");
        } catch (IllegalArgumentException e) {
            throw new RequestRejected(MALFORMED_BODY, "a text has " + e.getMessage());
        }
        return new Checked(message.getHeaders(), body);
    }

    private void requireTexts(String body) {
        try (JsonParser parser = json.createParser(body)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.PROPERTY_NAME || token == JsonToken.VALUE_STRING) {
                    WellFormedFilter.requireNoNul(parser.getString());
                }
            }
        } catch (JacksonException e) {
            // Whoever reads it next says where.
        }
    }

    private static final class Checked implements HttpInputMessage {

        private final HttpHeaders headers;
        private final byte[] body;

        Checked(HttpHeaders headers, byte[] body) {
            this.headers = headers;
            this.body = body;
        }

        @Override
        public InputStream getBody() {
            return new ByteArrayInputStream(body);
        }

        @Override
        public HttpHeaders getHeaders() {
            return headers;
        }
    }
}
