package io.jiucang.starter.web;

import io.jiucang.starter.ServiceSettings;
import jakarta.servlet.DispatcherType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.SupplierJwtDecoder;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationConverter;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationProvider;
import org.springframework.security.oauth2.server.resource.authentication.JwtIssuerAuthenticationManagerResolver;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;

/**
 * Access by bearer token alone, and no access by default: a path is public only if the service's settings say so, and a
 * controller without a role is out of reach.
 *
 * <p>Two issuers are trusted, each for roles of its own, from the token's {@code roles} claim. The identity provider says who
 * works here: seller, warehouse, bank, auditor, operator. Of a buyer or courier it says no more than that they have an
 * account, which lets them have a wallet: role account. Who owns and delivers are wallets, by the tokens that token-service
 * gives for accounts: roles buyer and courier, {@code sub} the wallet's id. So no other service learns whose it is.
 */
@AutoConfiguration(
        beforeName =
                "org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerAutoConfiguration",
        after = WebConfiguration.class)
@EnableMethodSecurity
class SecurityConfiguration {

    private static final Map<String, String> ROLES_OF_ACCOUNTS = Map.of(
            "seller", "SELLER",
            "warehouse", "WAREHOUSE",
            "bank", "BANK",
            "auditor", "AUDITOR",
            "operator", "OPERATOR",
            "buyer", "ACCOUNT",
            "courier", "ACCOUNT");
    private static final Map<String, String> ROLES_OF_WALLETS = Map.of("buyer", "BUYER", "courier", "COURIER");

    /** A request is observed as a whole; to observe each filter on its way cost more than some of the filters. */
    @Bean
    SecurityObservationSettings securityObservations() {
        return SecurityObservationSettings.noObservations();
    }

    @Bean
    SecurityFilterChain security(
            HttpSecurity http,
            ServiceSettings settings,
            OAuth2ResourceServerProperties identityProvider,
            JwtDecoder accounts,
            List<OAuth2TokenValidator<Jwt>> validators,
            Problems problems,
            WorkLimitFilter workLimit,
            IdempotencyFilter idempotency)
            throws Exception {
        OAuth2ResourceServerProperties.Jwt expected = identityProvider.getJwt();
        JwtDecoder wallets = decoderOfWallets(settings.walletIssuer(), expected.getAudiences(), validators);
        Map<String, AuthenticationManager> issuers = Map.of(
                expected.getIssuerUri(), trusting(accounts, ROLES_OF_ACCOUNTS),
                settings.walletIssuer(), trusting(wallets, ROLES_OF_WALLETS));
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
                .oauth2ResourceServer(server -> server.authenticationManagerResolver(
                                new JwtIssuerAuthenticationManagerResolver(issuer -> Optional.ofNullable(
                                                issuers.get(issuer))
                                        .orElseThrow(() -> new InvalidBearerTokenException("an unknown issuer"))))
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

    /** Asks the issuer for its keys when the first token comes, so that services start in any order. */
    private static JwtDecoder decoderOfWallets(
            String issuer, List<String> audiences, List<OAuth2TokenValidator<Jwt>> validators) {
        List<OAuth2TokenValidator<Jwt>> all = new ArrayList<>(validators);
        all.add(JwtValidators.createDefaultWithIssuer(issuer));
        all.add(new JwtClaimValidator<List<String>>(
                JwtClaimNames.AUD, named -> named != null && !Collections.disjoint(named, audiences)));
        return new SupplierJwtDecoder(() -> {
            NimbusJwtDecoder decoder =
                    NimbusJwtDecoder.withIssuerLocation(issuer).build();
            decoder.setJwtValidator(new DelegatingOAuth2TokenValidator<>(all));
            return decoder;
        });
    }

    private static AuthenticationManager trusting(JwtDecoder decoder, Map<String, String> roles) {
        JwtAuthenticationConverter authorities = new JwtAuthenticationConverter();
        authorities.setJwtGrantedAuthoritiesConverter(token -> authorities(token, roles));
        JwtAuthenticationProvider provider = new JwtAuthenticationProvider(decoder);
        provider.setJwtAuthenticationConverter(authorities);
        return new ProviderManager(provider);
    }

    private static Collection<GrantedAuthority> authorities(Jwt token, Map<String, String> roles) {
        List<String> claimed = token.getClaimAsStringList("roles");
        return claimed == null
                ? List.of()
                : claimed.stream()
                        .filter(roles::containsKey)
                        .map(roles::get)
                        .distinct()
                        .<GrantedAuthority>map(role -> new SimpleGrantedAuthority("ROLE_" + role))
                        .toList();
    }
}
