package io.jiucang.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CompactRangeTest {

    @Test
    void hasTheRootOfItsLeavesAtEverySize() {
        List<Hash> leaves = Trees.leaves(0, 300);
        CompactRange range = new CompactRange();
        assertThat(range.root()).isEqualTo(MerkleTree.emptyRoot());
        for (int size = 1; size <= leaves.size(); size++) {
            range.append(leaves.get(size - 1));
            assertThat(range.size()).isEqualTo(size);
            assertThat(range.root()).isEqualTo(Trees.root(leaves.subList(0, size)));
        }
    }
}
