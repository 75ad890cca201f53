package io.jiucang.simulators.courier;

import io.jiucang.simulators.device.HandoverCode;
import io.jiucang.simulators.statement.Speaker;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/** A courier's phone: a carrier's terminal 终端. */
public record Phone(Speaker speaker) {

    public String lostOnTheRoad(String hold, Collection<String> tokens) {
        return speaker.say("lost-on-the-road", Map.of("hold", hold, "tokens", new TreeSet<>(tokens)));
    }

    /**
     * The recipient, whose age was checked, has the cases.
     *
     * @param codes by token, as they gave them
     */
    public String delivery(String hold, Map<String, HandoverCode> codes) {
        Map<String, String> texts = new LinkedHashMap<>();
        codes.forEach((token, code) -> texts.put(token, code.text()));
        return speaker.say("delivery", Map.of("hold", hold, "codes", texts, "ageChecked", true));
    }
}
