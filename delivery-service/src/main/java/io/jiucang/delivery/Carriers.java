package io.jiucang.delivery;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import io.jiucang.delivery.DeliveryRejected.Reason;
import io.jiucang.events.EventJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.text.ParseException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The carriers, each under its id in the directory, from a file that is read again whenever it changes, so that keys rotate
 * without a restart. A file that cannot be read keeps the service from starting; later on, what was read last stays in force.
 */
@Component
class Carriers {

    private static final Logger log = LoggerFactory.getLogger(Carriers.class);

    private final Path file;
    private final Clock clock;
    private volatile Reading last;

    private record Reading(FileTime modified, List<Carrier> carriers) {}

    private record Document(List<Entry> carriers) {}

    private record Entry(String name, Map<String, String> title, JsonNode jwks) {}

    Carriers(DeliverySettings settings, Clock clock) {
        this.file = settings.carriersFile();
        this.clock = clock;
        try {
            this.last = read(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Carrier> all() {
        Reading known = last;
        try {
            if (!Files.getLastModifiedTime(file).equals(known.modified)) {
                known = read(file);
                last = known;
            }
        } catch (IOException | IllegalArgumentException e) {
            log.error("{} cannot be read; the carriers stay as they were: {}", file, e.toString());
        }
        return known.carriers;
    }

    Carrier find(String name) {
        return all().stream()
                .filter(carrier -> carrier.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new DeliveryRejected(Reason.CARRIER_NOT_FOUND, "there is no such carrier"));
    }

    /** The keys an address may be encrypted for, now or soon, as a JWK Set (RFC 7517 section 5). */
    Map<String, Object> publishedKeys(String name) {
        Instant now = clock.instant();
        List<JWK> current = find(name).keys().stream()
                .filter(key -> key.getExpirationTime().toInstant().isAfter(now))
                .<JWK>map(key -> key)
                .toList();
        return new JWKSet(current).toJSONObject(true);
    }

    private static Reading read(Path file) throws IOException {
        FileTime modified = Files.getLastModifiedTime(file);
        try {
            Document document = EventJson.mapper().readValue(Files.readAllBytes(file), Document.class);
            List<Carrier> carriers = new ArrayList<>();
            for (Entry entry : document.carriers) {
                carriers.add(new Carrier(entry.name, entry.title, keys(entry.jwks)));
            }
            if (carriers.stream().map(Carrier::name).distinct().count() != carriers.size()) {
                throw new IllegalArgumentException("two carriers have one name");
            }
            return new Reading(modified, List.copyOf(carriers));
        } catch (JacksonException e) {
            throw new IllegalArgumentException(file + " is not a list of carriers", e);
        }
    }

    private static List<RSAKey> keys(JsonNode jwks) {
        try {
            List<RSAKey> keys = new ArrayList<>();
            for (JWK key : JWKSet.parse(jwks.toString()).getKeys()) {
                if (!(key instanceof RSAKey rsa)) {
                    throw new IllegalArgumentException(key.getKeyID() + " is not an RSA key");
                }
                keys.add(rsa);
            }
            return keys;
        } catch (ParseException e) {
            throw new IllegalArgumentException("not a JWK Set", e);
        }
    }
}
