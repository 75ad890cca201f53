package io.jiucang.starter;

import java.time.Clock;
import org.axonframework.config.ConfigurerModule;
import org.axonframework.messaging.MetaData;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.MessageSource;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import tools.jackson.databind.json.JsonMapper;

/** What every HTTP interface of ours has in common. */
@AutoConfiguration(
        after = MessagingConfiguration.class,
        afterName = {
            "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration",
            "org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration"
        })
class WebConfiguration {

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    Problems problems(MessageSource messages, JsonMapper json) {
        return new Problems(messages, json);
    }

    @Bean
    IdempotencyFilter idempotencyFilter(JdbcClient jdbc, PlatformTransactionManager transactions, Problems problems) {
        return new IdempotencyFilter(jdbc, new TransactionTemplate(transactions), problems);
    }

    /** It stands in the security chain, after the token is known, and nowhere else. */
    @Bean
    FilterRegistrationBean<IdempotencyFilter> idempotencyOnlyBehindSecurity(IdempotencyFilter filter) {
        FilterRegistrationBean<IdempotencyFilter> registration = new FilterRegistrationBean<>(filter);
        registration.setEnabled(false);
        return registration;
    }

    @Bean
    WalletKeys walletKeys(JdbcClient jdbc) {
        return new WalletKeys(jdbc);
    }

    @Bean
    Intents intents(ServiceSettings settings, WalletKeys keys, JdbcClient jdbc, Clock clock) {
        return new Intents(settings, keys, jdbc, clock);
    }

    /** A command sent for an HTTP request carries the request's trace context. */
    @Bean
    ConfigurerModule tracing() {
        return configurer -> configurer.onInitialize(config ->
                config.onStart(() -> config.commandBus().registerDispatchInterceptor(commands -> (index, command) -> {
                    String traceparent = traceparent();
                    return traceparent == null
                            ? command
                            : command.andMetaData(MetaData.with(Correlation.TRACEPARENT, traceparent));
                })));
    }

    private static @Nullable String traceparent() {
        if (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes web) {
            String header = web.getRequest().getHeader("traceparent");
            return header != null && header.matches("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}") ? header : null;
        }
        return null;
    }
}
