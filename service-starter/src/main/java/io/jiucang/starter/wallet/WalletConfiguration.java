package io.jiucang.starter.wallet;

import io.jiucang.starter.ServiceSettings;
import io.jiucang.starter.law.LawReader;
import io.jiucang.title.directory.Directory;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What a service imports that acts on an owner's or a terminal's word: it has to know whether it was they who spoke. */
@Configuration(proxyBeanMethods = false)
public class WalletConfiguration {

    @Bean
    WalletStatements walletStatements(Directory directory, Clock clock) {
        return new WalletStatements(directory, clock);
    }

    @Bean
    WalletKeys walletKeys(WalletStatements statements, JdbcClient jdbc, MeterRegistry metrics) {
        return new WalletKeys(statements, jdbc, metrics);
    }

    @Bean
    TerminalStatements terminalStatements(WalletStatements statements, LawReader law) {
        return new TerminalStatements(statements, law);
    }

    @Bean
    Intents intents(ServiceSettings settings, WalletKeys keys, JdbcClient jdbc, Clock clock) {
        return new Intents(settings, keys, jdbc, clock);
    }
}
