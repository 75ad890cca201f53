package io.jiucang.simulators.statement;

import java.util.Map;

/** A carrier 承运商 itself, with the key that makes phones its couriers'. */
public record Carrier(Speaker speaker) {

    /** @param key of the phone, {@link SigningKey#publicKey} */
    public String courierEnrolment(Map<String, String> key) {
        return speaker.say("courier-enrolment", Map.of("key", key));
    }

    /** @param terminal its thumbprint */
    public String terminalWithdrawal(String terminal) {
        return speaker.say("terminal-withdrawal", Map.of("terminal", terminal));
    }
}
