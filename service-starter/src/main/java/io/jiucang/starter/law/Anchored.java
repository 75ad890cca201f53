package io.jiucang.starter.law;

import io.jiucang.events.value.TokenId;
import io.jiucang.title.Ruling;
import io.jiucang.title.event.Cite;
import java.util.Map;

/**
 * Where a valid event stands.
 *
 * @param at what cites it says
 * @param except tokens it names in vain
 */
public record Anchored(Cite at, Map<TokenId, Ruling.Voided> except) {
    public Anchored {
        except = Map.copyOf(except);
    }
}
