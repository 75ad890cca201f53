package io.jiucang.title.directory;

import com.fasterxml.jackson.annotation.JsonProperty;

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
    WAREHOUSE
}
