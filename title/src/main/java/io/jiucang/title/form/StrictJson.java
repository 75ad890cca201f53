package io.jiucang.title.form;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jiucang.events.EventJson;
import io.jiucang.events.value.HandoverCode;
import io.jiucang.ledger.Hash;
import io.jiucang.ledger.LedgerException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.ser.std.StdSerializer;

/**
 * The JSON of what parties sign: members in the order of their names, no white space, hashes in lower-case hex, times in
 * seconds since 1970. Reading refuses missing and unknown members, nulls, names that stand twice, and values of another
 * type. For the values allowed here this is the form of RFC 8785 (JCS).
 */
public final class StrictJson {

    private static final long YEAR_10000 = 253_402_300_800L;

    private static final JsonMapper MAPPER = EventJson.mapper()
            .rebuild()
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .disable(MapperFeature.SORT_CREATOR_PROPERTIES_FIRST)
            .enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .addModule(new SimpleModule("forms")
                    .addSerializer(new InText<>(Hash.class, Hash::hex))
                    .addDeserializer(Hash.class, new FromText<>(Hash.class, StrictJson::hash))
                    .addSerializer(new InText<>(HandoverCode.class, HandoverCode::text))
                    .addDeserializer(HandoverCode.class, new FromText<>(HandoverCode.class, HandoverCode::new))
                    .addSerializer(new InSeconds())
                    .addDeserializer(Instant.class, new FromSeconds()))
            .build();

    private StrictJson() {}

    /** @throws IllegalArgumentException if the bytes are not one JSON object in UTF-8 without any name twice */
    public static ObjectNode readObject(byte[] utf8) {
        try {
            // As text: left alone, the parser would take UTF-16 and UTF-32 as well.
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
            if (MAPPER.readTree(text) instanceof ObjectNode object) {
                return object;
            }
            throw new IllegalArgumentException("not a JSON object");
        } catch (CharacterCodingException | JacksonException e) {
            throw new IllegalArgumentException("not JSON in UTF-8", e);
        }
    }

    /** @throws IllegalArgumentException if the value is not of this type; of a record, exactly its components */
    public static <T> T bind(JsonNode value, Class<T> type) {
        try {
            return MAPPER.treeToValue(value, type);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not a " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
        }
    }

    public static ObjectNode toObject(Object value) {
        return MAPPER.valueToTree(value);
    }

    public static byte[] write(Object value) {
        return MAPPER.writeValueAsBytes(value);
    }

    private static Hash hash(String hex) {
        try {
            return Hash.ofHex(hex);
        } catch (LedgerException e) {
            throw new IllegalArgumentException("not a hash in lower-case hex", e);
        }
    }

    private static void require(JsonParser json, JsonToken token) {
        if (json.currentToken() != token) {
            throw new IllegalArgumentException("not a " + token + " but a " + json.currentToken());
        }
    }

    /** A value whose JSON is a string. */
    private static final class InText<T> extends StdSerializer<T> {
        private final Function<T, String> text;

        InText(Class<T> type, Function<T, String> text) {
            super(type);
            this.text = text;
        }

        @Override
        public void serialize(T value, JsonGenerator json, SerializationContext context) {
            json.writeString(text.apply(value));
        }
    }

    private static final class FromText<T> extends StdDeserializer<T> {
        private final Function<String, T> parse;

        FromText(Class<T> type, Function<String, T> parse) {
            super(type);
            this.parse = parse;
        }

        @Override
        public T deserialize(JsonParser json, DeserializationContext context) {
            require(json, JsonToken.VALUE_STRING);
            return parse.apply(json.getString());
        }
    }

    private static final class InSeconds extends StdSerializer<Instant> {
        InSeconds() {
            super(Instant.class);
        }

        @Override
        public void serialize(Instant time, JsonGenerator json, SerializationContext context) {
            json.writeNumber(time.getEpochSecond());
        }
    }

    private static final class FromSeconds extends StdDeserializer<Instant> {
        FromSeconds() {
            super(Instant.class);
        }

        @Override
        public Instant deserialize(JsonParser json, DeserializationContext context) {
            require(json, JsonToken.VALUE_NUMBER_INT);
            long seconds = json.getLongValue();
            if (seconds < 0 || seconds >= YEAR_10000) {
                throw new IllegalArgumentException("not a time in seconds since 1970: " + seconds);
            }
            return Instant.ofEpochSecond(seconds);
        }
    }
}
