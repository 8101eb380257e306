from django.urls import path

from . import views

urlpatterns = [
    path("faqs/", views.FaqListView.as_view()),
    path("faqs/<uuid:id>/", views.FaqView.as_view()),
    path("faq-categories/", views.FaqCategoryListView.as_view()),
    path("resource-links/", views.ResourceLinkListView.as_view()),
    path("resource-links/<uuid:id>/", views.ResourceLinkView.as_view()),
    path("resource-categories/", views.ResourceCategoryListView.as_view()),
    path("conversation-cards/", views.ConversationCardListView.as_view()),
    path("conversation-cards/<uuid:id>/", views.ConversationCardView.as_view()),
    path("card-decks/", views.CardDeckListView.as_view()),
    path("terminology/", views.TerminologyView.as_view()),
    path("bundle/", views.BundleView.as_view()),
]
