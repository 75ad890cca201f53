package io.jiucang.starter.web;

import io.jiucang.starter.ServiceSettings;
import io.jiucang.starter.store.Correlation;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.axonframework.config.ConfigurerModule;
import org.axonframework.messaging.MetaData;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.MessageSource;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.kafka.listener.MessageListenerContainer;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.databind.json.JsonMapper;

/** What every HTTP interface of ours has in common. */
@AutoConfiguration(
        afterName = "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration",
        beforeName = "org.springframework.boot.webmvc.autoconfigure.error.ErrorMvcAutoConfiguration")
class WebConfiguration {

    /** Yet behind what measures requests. */
    private static final int BEFORE_SECURITY = SecurityFilterProperties.DEFAULT_FILTER_ORDER - 1;

    @Bean
    Problems problems(MessageSource messages, JsonMapper json) {
        return new Problems(messages, json);
    }

    @Bean
    FailureController failureController(Problems problems) {
        return new FailureController(problems);
    }

    @Bean
    DiskWatch diskWatch(ServiceSettings settings, ObjectProvider<MessageListenerContainer> listeners) {
        return new DiskWatch(
                settings.disk(),
                DiskWatch.Source::fileStore,
                () -> listeners.stream().toList());
    }

    @Bean
    HealthIndicator diskHealthIndicator(DiskWatch disk) {
        return disk::health;
    }

    @Bean
    FilterRegistrationBean<IntakeFilter> intakeFilter(DiskWatch disk, Problems problems) {
        FilterRegistrationBean<IntakeFilter> registration =
                new FilterRegistrationBean<>(new IntakeFilter(disk, problems));
        registration.setOrder(BEFORE_SECURITY);
        return registration;
    }

    @Bean
    BodyCheck bodyCheck(JsonMapper json) {
        return new BodyCheck(json);
    }

    @Bean
    JsonOnly jsonOnly(JsonMapper json) {
        return new JsonOnly(json);
    }

    /** Before security, which reads parameters and headers too. */
    @Bean
    FilterRegistrationBean<WellFormedFilter> wellFormedFirst(Problems problems) {
        FilterRegistrationBean<WellFormedFilter> registration =
                new FilterRegistrationBean<>(new WellFormedFilter(problems));
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 10);
        return registration;
    }

    @Bean
    WorkLimitFilter workLimitFilter(ServiceSettings settings, Problems problems) {
        return new WorkLimitFilter(settings.web().requests(), problems);
    }

    @Bean
    FilterRegistrationBean<WorkLimitFilter> workLimitOnlyBehindSecurity(WorkLimitFilter filter) {
        FilterRegistrationBean<WorkLimitFilter> registration = new FilterRegistrationBean<>(filter);
        registration.setEnabled(false);
        return registration;
    }

    /** Out of reach, even with a token, until its author has said for whom it is. */
    @Bean
    WebMvcConfigurer denyByDefault(ServiceSettings settings) {
        HandlerInterceptor guard = new HandlerInterceptor() {
            @Override
            public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
                if (handler instanceof HandlerMethod method
                        && !AnnotatedElementUtils.hasAnnotation(method.getMethod(), PreAuthorize.class)
                        && !AnnotatedElementUtils.hasAnnotation(method.getBeanType(), PreAuthorize.class)) {
                    throw new AccessDeniedException(method + " names no role");
                }
                return true;
            }
        };
        return new WebMvcConfigurer() {
            @Override
            public void addInterceptors(InterceptorRegistry registry) {
                registry.addInterceptor(guard)
                        .addPathPatterns("/api/v1/**")
                        .excludePathPatterns(settings.publicPaths());
                registry.addInterceptor(new KnownParameters());
            }
        };
    }

    @Bean
    IdempotencyFilter idempotencyFilter(JdbcClient jdbc, PlatformTransactionManager transactions, Problems problems) {
        return new IdempotencyFilter(jdbc, transactions, problems);
    }

    @Bean
    RequestTransaction requestTransaction() {
        return new RequestTransaction();
    }

    /** It stands in the security chain, after the token is known, and nowhere else. */
    @Bean
    FilterRegistrationBean<IdempotencyFilter> idempotencyOnlyBehindSecurity(IdempotencyFilter filter) {
        FilterRegistrationBean<IdempotencyFilter> registration = new FilterRegistrationBean<>(filter);
        registration.setEnabled(false);
        return registration;
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
