package io.jiucang.starter.web;

import static io.jiucang.starter.RequestRejected.Reason.BUSY;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Takes so many requests into work at a time and tells the others at once to come again: where all may wait for the few
 * connections of the pool, each waits longer than its client does, and what is answered no longer matters.
 *
 * <p>Those with a token and those without are counted apart: however many buyers wait for a provider, its callbacks, which
 * end their waiting, come in. A stream of events counts until it is open. Health is told at any load.
 */
final class WorkLimitFilter extends OncePerRequestFilter {

    private final Semaphore known;
    private final Semaphore strangers;
    private final int most;
    private final Problems problems;

    WorkLimitFilter(int most, Problems problems) {
        this.most = most;
        this.known = new Semaphore(most);
        this.strangers = new Semaphore(most);
        this.problems = problems;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return request.getServletPath().startsWith("/actuator/");
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Semaphore free = request.getUserPrincipal() == null ? strangers : known;
        if (!free.tryAcquire()) {
            problems.write(response, BUSY, most + " requests are in work", request.getLocale());
            return;
        }
        try {
            chain.doFilter(request, response);
        } finally {
            free.release();
        }
    }
}
