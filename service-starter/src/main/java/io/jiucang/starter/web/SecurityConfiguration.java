package io.jiucang.starter.web;

import io.jiucang.starter.ServiceSettings;
import jakarta.servlet.DispatcherType;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationConverter;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;

/**
 * Access by bearer token alone, and no access by default: a path is public only if the service's settings say so, and a
 * controller without a role is out of reach.
 *
 * <p>Roles, from the token's {@code roles} claim: seller, buyer, warehouse, courier, bank, auditor, operator.
 */
@AutoConfiguration(
        beforeName =
                "org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerAutoConfiguration",
        after = WebConfiguration.class)
@EnableMethodSecurity
class SecurityConfiguration {

    private static final List<String> ROLES =
            List.of("seller", "buyer", "warehouse", "courier", "bank", "auditor", "operator");

    /** A request is observed as a whole; to observe each filter on its way cost more than some of the filters. */
    @Bean
    SecurityObservationSettings securityObservations() {
        return SecurityObservationSettings.noObservations();
    }

    @Bean
    SecurityFilterChain security(
            HttpSecurity http,
            ServiceSettings settings,
            Problems problems,
            WorkLimitFilter workLimit,
            IdempotencyFilter idempotency)
            throws Exception {
        JwtAuthenticationConverter authorities = new JwtAuthenticationConverter();
        authorities.setJwtGrantedAuthoritiesConverter(SecurityConfiguration::roles);
        return http.authorizeHttpRequests(requests -> requests.dispatcherTypeMatchers(DispatcherType.ERROR)
                        .permitAll()
                        .requestMatchers("/actuator/health/**")
                        .permitAll()
                        .requestMatchers("/actuator/prometheus")
                        .hasRole("OPERATOR")
                        .requestMatchers(settings.publicPaths().toArray(String[]::new))
                        .permitAll()
                        .requestMatchers("/api/v1/**")
                        .authenticated()
                        .anyRequest()
                        .denyAll())
                .oauth2ResourceServer(server -> server.jwt(jwt -> jwt.jwtAuthenticationConverter(authorities))
                        .authenticationEntryPoint(problems)
                        .accessDeniedHandler(problems))
                .exceptionHandling(
                        handling -> handling.authenticationEntryPoint(problems).accessDeniedHandler(problems))
                // Strangers are turned away before: they cannot take up what is for others.
                .addFilterAfter(workLimit, AuthorizationFilter.class)
                .addFilterAfter(idempotency, WorkLimitFilter.class)
                .sessionManagement(sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                // No cookies, no forms: a bearer token is never sent by a browser on its own.
                .csrf(AbstractHttpConfigurer::disable)
                .headers(Customizer.withDefaults())
                .build();
    }

    /** Whoever acts has a name, which owners, buyers and idempotency keys go by. */
    @Bean
    OAuth2TokenValidator<Jwt> namesItsSubject() {
        return new JwtClaimValidator<String>("sub", subject -> subject != null && !subject.isBlank());
    }

    /** A stolen token is worth nothing tomorrow: one that never ends is none. */
    @Bean
    OAuth2TokenValidator<Jwt> endsSomeTime() {
        return new JwtClaimValidator<Instant>(JwtClaimNames.EXP, Objects::nonNull);
    }

    private static Collection<GrantedAuthority> roles(Jwt token) {
        List<String> roles = token.getClaimAsStringList("roles");
        return roles == null
                ? List.of()
                : roles.stream()
                        .filter(ROLES::contains)
                        .<GrantedAuthority>map(
                                role -> new SimpleGrantedAuthority("ROLE_" + role.toUpperCase(Locale.ROOT)))
                        .toList();
    }
}
