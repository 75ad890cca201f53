package io.jiucang.quickstart.audit;

import java.util.ArrayList;
import java.util.List;

/** Indexes for people: {@code #3, #7–#12 and 40 more}. */
final class IndexRanges {

    private static final int SHOWN = 8;

    private IndexRanges() {}

    /** @param indexes in ascending order */
    static String shortened(List<Long> indexes) {
        List<String> ranges = new ArrayList<>();
        int next = 0;
        while (next < indexes.size() && ranges.size() < SHOWN) {
            int last = next;
            while (last + 1 < indexes.size() && indexes.get(last + 1) == indexes.get(last) + 1) {
                last++;
            }
            ranges.add("#" + indexes.get(next) + (last == next ? "" : "–#" + indexes.get(last)));
            next = last + 1;
        }
        int more = indexes.size() - next;
        return String.join(", ", ranges) + (more == 0 ? "" : " and " + more + " more");
    }
}
