package io.jiucang.title.directory;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.jiucang.events.Topics;
import java.net.URI;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The platform's own services: each tells its events, and is believed in nothing else. */
public enum Service {
    @JsonProperty("delivery")
    DELIVERY,
    @JsonProperty("ledger")
    LEDGER,
    @JsonProperty("order")
    ORDER,
    @JsonProperty("payment")
    PAYMENT,
    @JsonProperty("token")
    TOKEN,
    @JsonProperty("warehouse")
    WAREHOUSE;

    /** The CloudEvents {@code source} of its events. */
    public URI source() {
        return Topics.sourceOf(name().toLowerCase(Locale.ROOT));
    }

    public static Optional<Service> of(URI source) {
        return Arrays.stream(values())
                .filter(service -> service.source().equals(source))
                .findFirst();
    }
}
