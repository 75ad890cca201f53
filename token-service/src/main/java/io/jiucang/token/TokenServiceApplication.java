package io.jiucang.token;

import io.jiucang.starter.Service;
import io.jiucang.starter.store.Domain;
import org.axonframework.config.ConfigurerModule;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

@SpringBootApplication
@EnableConfigurationProperties(TokenSettings.class)
public class TokenServiceApplication {

    /**
     * Each reservation of a flash sale first reads the vault, which is small, and its events since, which are many: with
     * 20 of them, reservations were twice as fast as with 100.
     */
    private static final int VAULT_SNAPSHOT_EVERY = 20;

    public static void main(String[] args) {
        Service.of(TokenServiceApplication.class, "token").run(args);
    }

    @Bean
    ConfigurerModule vault() {
        return Domain.aggregate(Vault.class, VAULT_SNAPSHOT_EVERY);
    }

    @Bean
    ConfigurerModule token() {
        return Domain.aggregate(Token.class);
    }

    @Bean
    ConfigurerModule wallet() {
        return Domain.aggregate(Wallet.class);
    }

    @Bean
    ConfigurerModule title() {
        return Domain.saga(TitleSaga.class);
    }

    @Bean
    ConfigurerModule burn() {
        return Domain.saga(BurnSaga.class);
    }
}
