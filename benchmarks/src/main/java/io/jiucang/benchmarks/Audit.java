package io.jiucang.benchmarks;

import io.jiucang.benchmarks.Shop.Movement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Holds what was acknowledged against what is there afterwards. */
final class Audit {

    private Audit() {}

    /**
     * What is missing: an acknowledged order that is not there; money taken for an order that is not paid; a released case
     * that is nobody's; an order said to be fulfilled without a token in its buyer's cellar.
     *
     * @param orders status by order
     * @param cellars number of tokens by buyer, who bought nothing but these
     */
    static List<String> missing(
            Collection<Purchase> acknowledged, Map<String, String> orders, Map<String, Integer> cellars) {
        List<String> missing = new ArrayList<>();
        Map<String, Integer> owed = new HashMap<>();
        for (Purchase purchase : acknowledged) {
            String id = purchase.orderId();
            String status = orders.getOrDefault(id, "");
            boolean fulfilled = status.equals("FULFILLED");
            if (status.isEmpty()) {
                missing.add("order " + id + " was acknowledged and is not there");
            } else if (purchase.isReleased() && !fulfilled) {
                missing.add("order " + id + " was paid and its case released, and it is " + status);
            } else if (purchase.isPaid() && !fulfilled && !status.equals("PAID")) {
                missing.add("order " + id + " was paid, and it is " + status);
            }
            if (fulfilled) {
                owed.merge(purchase.buyer().name(), 1, Integer::sum);
            }
        }
        owed.forEach((buyer, tokens) -> {
            int owned = cellars.getOrDefault(buyer, 0);
            if (owned != tokens) {
                missing.add(buyer + " owns " + owned + " tokens by " + tokens + " fulfilled orders");
            }
        });
        return missing;
    }

    /**
     * Where the provider's bill is not what the orders say: each paid order was charged its price once, and whatever else
     * was charged went back. The provider may tell of others, too.
     */
    static List<String> differences(Collection<Purchase> paid, long price, Collection<Movement> bill) {
        Map<String, Long> kept = new HashMap<>();
        for (Movement movement : bill) {
            kept.merge(
                    movement.paymentId(),
                    movement.refund() ? -movement.minorUnits() : movement.minorUnits(),
                    Long::sum);
        }
        List<String> differences = new ArrayList<>();
        for (Purchase purchase : paid) {
            long charged = kept.getOrDefault(purchase.paymentId(), 0L);
            if (charged != price) {
                differences.add("order " + purchase.orderId() + " costs " + price + " and the bill has " + charged);
            }
        }
        return differences;
    }
}
