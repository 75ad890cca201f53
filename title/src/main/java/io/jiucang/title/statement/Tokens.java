package io.jiucang.title.statement;

import io.jiucang.events.value.TokenId;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Tokens as statements name them: some, not too many, none twice, in the order of their texts. */
final class Tokens {

    private static final Comparator<TokenId> BY_TEXT = Comparator.comparing(TokenId::toString);

    private Tokens() {}

    /** @throws IllegalArgumentException if they are none, too many, or not in ascending order */
    static List<TokenId> ascending(List<TokenId> tokens) {
        requireSome(tokens.size());
        for (int i = 1; i < tokens.size(); i++) {
            if (BY_TEXT.compare(tokens.get(i - 1), tokens.get(i)) >= 0) {
                throw new IllegalArgumentException("tokens are not in ascending order");
            }
        }
        return List.copyOf(tokens);
    }

    /** @throws IllegalArgumentException if they are none, or too many */
    static <V> Map<TokenId, V> sorted(Map<TokenId, V> byToken) {
        requireSome(byToken.size());
        SortedMap<TokenId, V> sorted = new TreeMap<>(BY_TEXT);
        sorted.putAll(byToken);
        return Collections.unmodifiableSortedMap(sorted);
    }

    private static void requireSome(int count) {
        if (count < 1 || count > Act.MOST_TOKENS) {
            throw new IllegalArgumentException("a statement names 1 to " + Act.MOST_TOKENS + " tokens, not " + count);
        }
    }
}
