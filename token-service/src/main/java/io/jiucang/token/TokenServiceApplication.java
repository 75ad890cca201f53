package io.jiucang.token;

import io.jiucang.starter.Domain;
import io.jiucang.starter.Service;
import org.axonframework.config.ConfigurerModule;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

@SpringBootApplication
@EnableConfigurationProperties(TokenSettings.class)
public class TokenServiceApplication {

    /** A reservation of a flash sale reads the vault first: from a snapshot and half as many events on average. */
    private static final int VAULT_SNAPSHOT_EVERY = 100;

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
}
