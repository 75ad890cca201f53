package io.jiucang.starter.test;

import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Where a test class finds its own database, with the role that owns it, and the Kafka broker. */
public record Infrastructure(String jdbcUrl, String user, String password, String bootstrapServers) {

    /** A new connection for each call. */
    public DataSource dataSource() {
        return new DriverManagerDataSource(jdbcUrl, user, password);
    }
}
