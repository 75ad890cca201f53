package io.jiucang.starter.web;

import java.time.Instant;
import java.util.List;
import org.springframework.boot.http.converter.autoconfigure.ServerHttpMessageConvertersCustomizer;
import org.springframework.http.converter.ByteArrayHttpMessageConverter;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.http.converter.StringHttpMessageConverter;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.ext.javatime.deser.InstantDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * JSON and nothing else, whatever Spring finds on the class path to read and write (a library's YAML, once); beside it,
 * bytes and text as they are.
 */
final class JsonOnly implements ServerHttpMessageConvertersCustomizer {

    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    private final HttpMessageConverter<?> json;

    JsonOnly(JsonMapper json) {
        SimpleModule dates = new SimpleModule("dates of people");
        dates.addDeserializer(Instant.class, new Dates());
        this.json = new JacksonJsonHttpMessageConverter(
                json.rebuild().addModule(dates).build());
    }

    @Override
    public void customize(HttpMessageConverters.ServerBuilder converters) {
        converters.configureMessageConvertersList(this::keepJson);
    }

    private void keepJson(List<HttpMessageConverter<?>> converters) {
        converters.removeIf(converter -> !(converter instanceof ByteArrayHttpMessageConverter
                || converter instanceof StringHttpMessageConverter));
        converters.add(json);
    }

    /** Instants as text, of years that PostgreSQL and every reader can hold. */
    private static final class Dates extends StdScalarDeserializer<Instant> {

        Dates() {
            super(Instant.class);
        }

        @Override
        public Instant deserialize(JsonParser parser, DeserializationContext context) {
            if (!parser.hasToken(JsonToken.VALUE_STRING)) {
                return (Instant) context.handleUnexpectedToken(Instant.class, parser);
            }
            Instant instant = InstantDeserializer.INSTANT.deserialize(parser, context);
            if (instant == null || instant.isBefore(EARLIEST) || instant.isAfter(LATEST)) {
                return (Instant)
                        context.handleWeirdStringValue(Instant.class, parser.getString(), "not of the years 1 to 9999");
            }
            return instant;
        }
    }
}
