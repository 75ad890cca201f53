package io.jiucang.title;

import io.jiucang.events.value.TokenId;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** What the law says of one opened leaf. */
public sealed interface Ruling {

    /**
     * It has effect.
     *
     * @param changes what becomes of the state by it
     * @param except tokens it names in vain: of several, each is judged for itself (O2)
     */
    record Valid(List<Change> changes, Map<TokenId, Voided> except) implements Ruling {
        public Valid {
            changes = List.copyOf(changes);
            except = Map.copyOf(except);
        }

        /** Those of the tokens it names for which it has effect, by their serials. */
        public List<TokenId> standing(Collection<TokenId> named) {
            return named.stream()
                    .filter(token -> !except.containsKey(token))
                    .sorted(Comparator.comparingLong(TokenId::serial))
                    .toList();
        }
    }

    /** It is of no effect, for ever, and stops nothing. */
    record Voided(Rule rule, String why) implements Ruling {
        @Override
        public String toString() {
            return rule.inLaw() + ": " + why;
        }
    }
}
