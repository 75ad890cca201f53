package io.jiucang.starter.store;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

class ClusterLockFactoryTest {

    /** Its lock would end with the statement that takes it. */
    @Test
    void refusesWithoutATransaction() {
        ClusterLockFactory locks = new ClusterLockFactory(JdbcClient.create(new DriverManagerDataSource()));

        assertThatIllegalStateException()
                .isThrownBy(() -> locks.obtainLock("order"))
                .withMessageContaining("transaction");
    }
}
