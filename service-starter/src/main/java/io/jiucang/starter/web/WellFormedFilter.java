package io.jiucang.starter.web;

import static io.jiucang.starter.RequestRejected.Reason.BAD_REQUEST;
import static io.jiucang.starter.RequestRejected.Reason.MALFORMED_PARAMETER;
import static io.jiucang.starter.RequestRejected.Reason.NOT_ACCEPTABLE;
import static io.jiucang.starter.RequestRejected.Reason.UNSUPPORTED_MEDIA_TYPE;

import io.jiucang.starter.RequestRejected;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses what nobody here could read, before anything tries to and fails in its own way: a path or query that is not
 * UTF-8 or holds U+0000, which PostgreSQL's text does not; a body of any type but JSON; a media type that is none.
 */
final class WellFormedFilter extends OncePerRequestFilter {

    private static final MediaType OTHER_JSON = new MediaType("application", "*+json");

    private final Problems problems;

    WellFormedFilter(Problems problems) {
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Locale locale = locale(request).orElse(null);
        if (locale == null) {
            problems.write(response, BAD_REQUEST, "Accept-Language names too many", Locale.ENGLISH);
            return;
        }
        try {
            requireText(request.getRequestURI(), BAD_REQUEST, "the path");
            requireJson(request.getContentType());
            requireText(request.getQueryString(), MALFORMED_PARAMETER, "the query");
            requireParameters(request);
            requireAcceptable(request);
        } catch (RequestRejected e) {
            problems.write(response, e.reason(), e.getMessage(), locale);
            return;
        }
        chain.doFilter(request, response);
    }

    private static Optional<Locale> locale(HttpServletRequest request) {
        try {
            return Optional.of(request.getLocale());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static void requireText(@Nullable String encoded, RequestRejected.Reason reason, String what) {
        if (encoded == null) {
            return;
        }
        try {
            requireNoNul(text(unescaped(encoded)));
        } catch (CharacterCodingException | IllegalArgumentException e) {
            throw new RequestRejected(reason, what + " is UTF-8 without U+0000, percent-encoded");
        }
    }

    private static byte[] unescaped(String encoded) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c != '%') {
                bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
            } else if (i + 2 < encoded.length()
                    && Character.digit(encoded.charAt(i + 1), 16) >= 0
                    && Character.digit(encoded.charAt(i + 2), 16) >= 0) {
                bytes.write(Integer.parseInt(encoded, i + 1, i + 3, 16));
                i += 2;
            } else {
                throw new IllegalArgumentException("half an escape");
            }
        }
        return bytes.toByteArray();
    }

    /** Else the container counts and reads them wherever somebody first asks for one. */
    private static void requireParameters(HttpServletRequest request) {
        try {
            request.getParameterMap();
        } catch (IllegalStateException e) {
            throw new RequestRejected(MALFORMED_PARAMETER, "the query has too many parameters, or is none");
        }
    }

    private static void requireJson(@Nullable String contentType) {
        if (contentType == null) {
            return;
        }
        try {
            MediaType type = MediaType.parseMediaType(contentType);
            if (type.isConcrete()
                    && (MediaType.APPLICATION_JSON.includes(type) || OTHER_JSON.includes(type))
                    && isUtf8(type)) {
                return;
            }
        } catch (InvalidMediaTypeException e) {
            throw notJson();
        }
        throw notJson();
    }

    private static RequestRejected notJson() {
        return new RequestRejected(UNSUPPORTED_MEDIA_TYPE, "send JSON in UTF-8, as application/json");
    }

    private static void requireAcceptable(HttpServletRequest request) {
        try {
            if (MediaType.parseMediaTypes(Collections.list(request.getHeaders(HttpHeaders.ACCEPT))).stream()
                    .allMatch(WellFormedFilter::isUtf8)) {
                return;
            }
        } catch (InvalidMediaTypeException e) {
            throw new RequestRejected(NOT_ACCEPTABLE, "Accept names what is no media type");
        }
        throw new RequestRejected(NOT_ACCEPTABLE, "answers are in UTF-8");
    }

    private static boolean isUtf8(MediaType type) {
        return type.getCharset() == null || StandardCharsets.UTF_8.equals(type.getCharset());
    }

    /** @throws CharacterCodingException if the bytes are not UTF-8, or another than the one form of some character */
    static String text(byte[] utf8) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    }

    /** @throws IllegalArgumentException if PostgreSQL could not store it as text, or UTF-8 not write it */
    static void requireNoNul(String text) {
        if (text.indexOf('\0') >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException("U+0000, or half a surrogate pair");
        }
    }
}
