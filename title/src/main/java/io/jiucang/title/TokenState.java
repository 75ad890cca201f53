package io.jiucang.title;

import io.jiucang.events.value.BoxCode;
import io.jiucang.ledger.Hash;
import io.jiucang.title.event.Cite;
import io.jiucang.title.statement.HoldId;
import java.util.List;
import java.util.Optional;

/** What the law says a token is. */
public sealed interface TokenState {

    /** Leaf hash of the last valid title event, which the next one has to name (O5). */
    Optional<Hash> last();

    /** @param last the undoing of its last sale, if there was one */
    record Unsold(Optional<Hash> last) implements TokenState {
        static final Unsold NEW = new Unsold(Optional.empty());
    }

    /** @param sale leaf hash of the sale's event */
    record Sold(Hash sale, Optional<Released> released, Optional<Hash> last) implements TokenState {}

    /** @param lost the word that its case is lost: from then on nothing but its loss can come */
    record Owned(Deed deed, Optional<Cite> lost, Optional<Hash> last) implements TokenState {}

    record Held(Deed deed, HoldId hold, Place place, Optional<Hash> last) implements TokenState {

        public boolean isOnTheRoad() {
            return place instanceof Place.OnTheRoad;
        }
    }

    /**
     * @param deed none if it was lost before its grant: then it stays lost
     * @param outcome what was said first, found or money back
     */
    record Lost(Optional<Deed> deed, Optional<Outcome> outcome, Optional<Hash> last) implements TokenState {}

    record Burned(Deed deed, Optional<Hash> last) implements TokenState {}

    /** The last valid release under the sale. */
    record Released(BoxCode box, Cite by) {}

    /**
     * Whose it is.
     *
     * @param owner a wallet's id
     * @param sale leaf hash of the sale it came from
     */
    record Deed(String owner, BoxCode box, Hash sale) {}

    /** Where the case of a held token is. */
    sealed interface Place {

        /**
         * @param words who said "stands here"
         * @param lost the custodian's word that it is not
         */
        record InWarehouse(List<StandsHere> words, Optional<Cite> lost) implements Place {
            static final InWarehouse BEGINNING = new InWarehouse(List.of(), Optional.empty());

            public InWarehouse {
                words = List.copyOf(words);
            }

            boolean hasWordOf(Facts.Terminal terminal) {
                return words.stream().anyMatch(word -> word.terminal().equals(terminal.id()));
            }
        }

        /** @param outcome what was said first, returned, delivered or lost */
        record OnTheRoad(Optional<Outcome> outcome) implements Place {}
    }

    record StandsHere(String terminal, Cite by) {}

    /** What ends a hold on the road, or a loss, by the first word that stands. */
    record Outcome(Kind kind, Cite by) {

        public enum Kind {
            RETURNED,
            DELIVERED,
            LOST,
            FOUND,
            MONEY_BACK
        }
    }
}
