package io.jiucang.starter.wallet;

import io.jiucang.starter.ServiceSettings;
import java.time.Clock;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Whatever a service needs to know whether an owner has spoken. */
@AutoConfiguration
class WalletConfiguration {

    @Bean
    WalletKeys walletKeys(JdbcClient jdbc) {
        return new WalletKeys(jdbc);
    }

    @Bean
    Intents intents(ServiceSettings settings, WalletKeys keys, JdbcClient jdbc, Clock clock) {
        return new Intents(settings, keys, jdbc, clock);
    }
}
